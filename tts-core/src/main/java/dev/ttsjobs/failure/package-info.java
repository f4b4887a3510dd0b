/** What can go wrong with a clip or a job, as it is stored and shown. Imports nothing of the library. */
@NullMarked
package dev.ttsjobs.failure;

import org.jspecify.annotations.NullMarked;
