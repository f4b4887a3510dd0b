/** The queue in the host's own database. */
module dev.ttsjobs.queue.jdbc {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires transitive com.zaxxer.hikari;
    requires transitive dev.ttsjobs;
    requires transitive java.sql;
    requires org.jdbi.v3.core;
    // What Jdbi needs, which is an automatic module and cannot say so itself.
    requires io.leangen.geantyref;
    requires static org.jspecify;
    requires static org.postgresql.jdbc;
    requires org.slf4j;

    exports dev.ttsjobs.queue.jdbc;
}
