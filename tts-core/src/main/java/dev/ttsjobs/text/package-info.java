/** Texts made ready to be spoken: normalised once, checked without the network, split where they are too long. */
@NullMarked
package dev.ttsjobs.text;

import org.jspecify.annotations.NullMarked;
