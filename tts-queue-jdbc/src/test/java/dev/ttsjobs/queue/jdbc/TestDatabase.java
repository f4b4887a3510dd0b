package dev.ttsjobs.queue.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** Databases for tests: an empty one each time, at the cost of a few milliseconds. */
enum TestDatabase {
    SQLITE {
        @Override
        HikariDataSource open(int connections) {
            try {
                Path folder = Files.createTempDirectory("tts-queue-test");
                folder.toFile().deleteOnExit();
                return QueueDataSources.open("jdbc:sqlite:" + folder.resolve("queue.db"), connections);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },
    H2 {
        @Override
        HikariDataSource open(int connections) {
            return QueueDataSources.open(
                    "jdbc:h2:mem:queue" + COUNT.incrementAndGet() + ";DB_CLOSE_DELAY=-1", connections);
        }
    },
    POSTGRESQL {
        @Override
        HikariDataSource open(int connections) {
            String name = "queue" + COUNT.incrementAndGet();
            try (Connection admin = Server.RUNNING.getPostgresDatabase().getConnection();
                    Statement statement = admin.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return QueueDataSources.open(url(name), connections);
        }
    },
    /** The test that asks for it is skipped where no server is installed. */
    MARIADB {
        @Override
        HikariDataSource open(int connections) {
            return QueueDataSources.open(MariaDbServer.url(MariaDbServer.newDatabase()), connections);
        }
    };

    private static final AtomicInteger COUNT = new AtomicInteger();

    abstract HikariDataSource open(int connections);

    static String url(String database) {
        return "jdbc:postgresql://localhost:" + Server.RUNNING.getPort() + "/" + database + "?user=postgres";
    }

    /** Changes rows by hand. */
    static void execute(DataSource source, String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The number in the first row of an answer. */
    static long number(DataSource source, String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new IllegalStateException("no row: " + sql);
            }
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One server for all tests of a JVM, started when the first one asks, stopped with the JVM. */
    private static final class Server {
        private static final EmbeddedPostgres RUNNING = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("max_connections", "200")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
