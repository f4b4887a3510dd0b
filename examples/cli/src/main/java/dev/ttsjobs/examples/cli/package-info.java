/** Decks in, audio out, from a terminal. */
@NullMarked
package dev.ttsjobs.examples.cli;

import org.jspecify.annotations.NullMarked;
