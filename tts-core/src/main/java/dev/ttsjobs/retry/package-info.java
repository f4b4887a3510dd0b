/** Whether and when a failed clip is tried again: pure functions of failure, attempt and a random number. */
@NullMarked
package dev.ttsjobs.retry;

import org.jspecify.annotations.NullMarked;
