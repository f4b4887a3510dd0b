/** What is done to stored audio as a whole, by an operator's command: taking it elsewhere, and looking whether it is sound. */
@NullMarked
package dev.ttsjobs.upkeep;

import org.jspecify.annotations.NullMarked;
