package dev.ttsjobs.examples.server;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The example's own tables, beside those of the queue in one database. */
final class Schema {

    private Schema() {}

    /** Brings the tables to the newest version; several servers may do so at once. */
    static void migrate(DataSource dataSource) {
        Flyway.configure(Schema.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:db/server")
                .table("server_schema")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }
}
