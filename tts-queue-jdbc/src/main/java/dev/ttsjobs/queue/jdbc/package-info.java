/** The durable queue in a relational database: PostgreSQL, SQLite or H2. */
@NullMarked
package dev.ttsjobs.queue.jdbc;

import org.jspecify.annotations.NullMarked;
