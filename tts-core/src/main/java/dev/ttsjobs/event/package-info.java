/** What hosts are told about jobs: in the process as it happens, and durably from the outbox. */
@NullMarked
package dev.ttsjobs.event;

import org.jspecify.annotations.NullMarked;
