/** Where waiting and elapsed time come from, so that tests can move them by hand. */
@NullMarked
package dev.ttsjobs.time;

import org.jspecify.annotations.NullMarked;
