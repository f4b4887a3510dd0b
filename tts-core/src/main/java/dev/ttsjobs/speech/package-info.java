/** The port to a speech provider: text and voice in, a stream of audio out. */
@NullMarked
package dev.ttsjobs.speech;

import org.jspecify.annotations.NullMarked;
