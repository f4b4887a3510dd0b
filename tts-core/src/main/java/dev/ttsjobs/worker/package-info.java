/** The part that works the queue: claims clips, speaks them within the limit, stores them, reports them. */
@NullMarked
package dev.ttsjobs.worker;

import org.jspecify.annotations.NullMarked;
