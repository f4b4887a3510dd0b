/** An HTTP server around the library: accounts, decks, jobs, audio, a page. */
@NullMarked
package dev.ttsjobs.examples.server;

import org.jspecify.annotations.NullMarked;
