/** Clients that others made, against what this library offers for tests. */
@NullMarked
package dev.ttsjobs.examples.interop;

import org.jspecify.annotations.NullMarked;
