/**
 * An OpenAI-compatible speech server on loopback that really speaks.
 *
 * <p>It shares no code with the library, so that a test against it is a test against somebody else's reading of the API.
 */
@NullMarked
package dev.ttsjobs.examples.voice;

import org.jspecify.annotations.NullMarked;
