/** The unit that is queued, paid for and stored: one text in one voice, named by a hash of all that changes the sound. */
@NullMarked
package dev.ttsjobs.clip;

import org.jspecify.annotations.NullMarked;
