/** The port to where audio files live: complete under their name, or absent. */
@NullMarked
package dev.ttsjobs.storage;

import org.jspecify.annotations.NullMarked;
