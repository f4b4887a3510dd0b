/** Audio looked at from inside: is it whole, how long does it play, joined without a gap in the container. */
@NullMarked
package dev.ttsjobs.audio;

import org.jspecify.annotations.NullMarked;
