/** What a host submits and what it reads back: jobs, phrases, results. */
@NullMarked
package dev.ttsjobs.job;

import org.jspecify.annotations.NullMarked;
