/** When the next call may be sent: the provider's limit shared by all callers, and paused accounts. */
@NullMarked
package dev.ttsjobs.limit;

import org.jspecify.annotations.NullMarked;
