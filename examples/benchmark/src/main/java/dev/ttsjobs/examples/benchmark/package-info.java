/** Whole runs, side by side, and JMH for the pure parts: where every claim about speed comes from. */
@NullMarked
package dev.ttsjobs.examples.benchmark;

import org.jspecify.annotations.NullMarked;
