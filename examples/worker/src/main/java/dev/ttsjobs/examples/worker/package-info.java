/** Settings and wiring of a process that makes audio; the server shares them. */
@NullMarked
package dev.ttsjobs.examples.worker;

import org.jspecify.annotations.NullMarked;
