/** Audio files in a directory, laid out so that any web server can serve them as they are. */
@NullMarked
package dev.ttsjobs.storage.local;

import org.jspecify.annotations.NullMarked;
