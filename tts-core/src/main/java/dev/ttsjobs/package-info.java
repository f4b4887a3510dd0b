/** Batches of phrases become audio files as durable background jobs: start at {@link dev.ttsjobs.SpeechJobs}. */
@NullMarked
package dev.ttsjobs;

import org.jspecify.annotations.NullMarked;
