/** What speech costs: an estimate before, the ledger after. */
@NullMarked
package dev.ttsjobs.cost;

import org.jspecify.annotations.NullMarked;
