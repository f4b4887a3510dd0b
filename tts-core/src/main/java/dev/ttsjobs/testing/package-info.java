/** For unit tests of host applications: no test framework, no network, no waiting. */
@NullMarked
package dev.ttsjobs.testing;

import org.jspecify.annotations.NullMarked;
