/** Runs what can be run of the Dockerfile, the Compose file and the nginx configuration without a container engine. */
@NullMarked
package dev.ttsjobs.examples.deploy;

import org.jspecify.annotations.NullMarked;
