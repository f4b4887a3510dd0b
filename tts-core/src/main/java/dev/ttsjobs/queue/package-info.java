/** The port to the durable queue: the client's half, the worker's half, and the in-memory model of both. */
@NullMarked
package dev.ttsjobs.queue;

import org.jspecify.annotations.NullMarked;
