/** Tells other servers of the end of a job: signed as Standard Webhooks 1.0.0 says, and never into a private network. */
@NullMarked
package dev.ttsjobs.webhook;

import org.jspecify.annotations.NullMarked;
