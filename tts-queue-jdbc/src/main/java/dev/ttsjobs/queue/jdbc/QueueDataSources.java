package dev.ttsjobs.queue.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Connection pools for hosts that have none: small, since the queue needs no more than three connections whatever its
 * threads. The host closes them. Stateless, thread-safe.
 */
public final class QueueDataSources {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pattern SERVICE = Pattern.compile("(postgresql|postgres|mariadb|mysql)://");
    private static final int H2_FILE_IN_USE = 90020;
    private static final String HOST = "the queue's database";

    private static final Map<String, String> DRIVERS = Map.of(
            "postgresql", "org.postgresql:postgresql",
            "sqlite", "org.xerial:sqlite-jdbc",
            "h2", "com.h2database:h2",
            "mariadb", "org.mariadb.jdbc:mariadb-java-client",
            "mysql", "com.mysql:mysql-connector-j");

    private QueueDataSources() {}

    /**
     * An SQLite database in a file, which is made if it is not there, with its folder. Several processes may share it.
     * Needs {@code org.xerial:sqlite-jdbc}.
     *
     * @throws QueueException when the file cannot be made or opened
     */
    public static HikariDataSource sqlite(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new QueueException("the folder of the database " + file + " cannot be made: " + e.getMessage(), e);
        }
        return open("jdbc:sqlite:" + file.toAbsolutePath(), 3);
    }

    /**
     * The database of a URL: {@code jdbc:…}, or {@code postgresql://user:password@host:port/name} as many hosting
     * services write it, also with {@code mariadb://} or {@code mysql://} (both by MariaDB's driver). The driver is the
     * host's to bring.
     *
     * @param connections the most connections, at least 1
     * @throws QueueException when there is no driver for it, or it cannot be reached within 10 s, or it is a file of H2's
     *     that another process has open; no password is shown
     */
    public static HikariDataSource open(String url, int connections) {
        return open(url, connections, PATIENCE);
    }

    static HikariDataSource open(String url, int connections, Duration patience) {
        HikariConfig config = new HikariConfig();
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setPoolName("tts-queue");
        config.setConnectionTimeout(patience.toMillis());
        config.setInitializationFailTimeout(patience.toMillis());
        config.setExceptionOverride(new AfterFailover());
        address(config, url);
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            if (isHeldByAnother(e)) {
                throw new QueueException(
                        HOST + " at " + harmless(url) + " is open in another process, and H2 lets one process at a time"
                                + " have its file: stop the other one, or use PostgreSQL, or H2's server mode"
                                + " (jdbc:h2:tcp://...), for several at once",
                        shown(e, config));
            }
            throw new QueueException(
                    HOST + " at " + harmless(url) + " cannot be reached: " + reason(e, config), shown(e, config));
        } catch (RuntimeException e) {
            throw new QueueException(
                    HOST + " at " + harmless(url) + " cannot be opened: " + missing(config.getJdbcUrl()),
                    // The cause would show the URL, and with it the password.
                    null);
        }
    }

    /** A server that became a standby refuses to write; its connections are closed, so that new ones find the other. */
    private static final class AfterFailover implements SQLExceptionOverride {

        private static final String READ_ONLY = "25006";

        @java.lang.Override
        public Override adjudicate(SQLException thrown) {
            return READ_ONLY.equals(thrown.getSQLState()) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
        }
    }

    private static void address(HikariConfig config, String url) {
        Matcher service = SERVICE.matcher(url);
        if (service.lookingAt()) {
            String driver = service.group(1).startsWith("postgres") ? "postgresql" : "mariadb";
            URI uri = parsed(url);
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
            config.setJdbcUrl("jdbc:" + driver + "://" + uri.getHost() + port + uri.getRawPath() + query);
            if (uri.getRawUserInfo() != null) {
                String[] user = uri.getRawUserInfo().split(":", 2);
                config.setUsername(URLDecoder.decode(user[0].replace("+", "%2B"), StandardCharsets.UTF_8));
                if (user.length == 2) {
                    config.setPassword(URLDecoder.decode(user[1].replace("+", "%2B"), StandardCharsets.UTF_8));
                }
            }
        } else if (url.startsWith("jdbc:")) {
            config.setJdbcUrl(url);
        } else {
            throw new QueueException(
                    "a database URL begins with jdbc:, postgresql://, mariadb:// or mysql://; this one does not", null);
        }
        String jdbc = config.getJdbcUrl();
        if (jdbc.startsWith("jdbc:sqlite:")) {
            // A transaction that begins as a reader and then writes is refused at once when somebody else wrote
            // meanwhile; beginning as a writer waits instead.
            config.addDataSourceProperty("transaction_mode", "IMMEDIATE");
            config.addDataSourceProperty("journal_mode", "WAL");
            config.addDataSourceProperty("synchronous", "FULL");
            config.addDataSourceProperty("busy_timeout", "30000");
        } else if (jdbc.startsWith("jdbc:postgresql:")) {
            config.addDataSourceProperty("tcpKeepAlive", "true");
            // Well under a lease: a worker that is cut off must notice before another takes its clips over.
            config.addDataSourceProperty("connectTimeout", "5");
            config.addDataSourceProperty("socketTimeout", String.valueOf(HostConnections.PATIENCE.toSeconds()));
            // A process that stands still in a transaction would keep its locks from all others.
            config.setConnectionInitSql("SET idle_in_transaction_session_timeout = '10s'");
        } else if (jdbc.startsWith("jdbc:mariadb:") || jdbc.startsWith("jdbc:mysql:")) {
            config.addDataSourceProperty("connectTimeout", "5000");
            config.addDataSourceProperty("socketTimeout", String.valueOf(HostConnections.PATIENCE.toMillis()));
            // The server's 50 s are longer than a lease.
            config.addDataSourceProperty("sessionVariables", "innodb_lock_wait_timeout=5");
            config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
            // As above; MySQL, which has no such setting, takes it for a comment.
            config.setConnectionInitSql("SET @tts = 0 /*M!100600 , SESSION idle_transaction_timeout = 10 */");
        } else if (jdbc.startsWith("jdbc:h2:") && !jdbc.toUpperCase(Locale.ROOT).contains("WRITE_DELAY")) {
            config.setJdbcUrl(jdbc + ";WRITE_DELAY=0");
        }
    }

    private static URI parsed(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() == null) {
                throw new IllegalArgumentException("no host");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            // The cause would show the URL, and with it the password.
            throw new QueueException(
                    "the database URL is not of the form postgresql://user:password@host:port/name (or mariadb:// or"
                            + " mysql://); special characters in the password are written as %XX",
                    null);
        }
    }

    /** What lacks for a database that could not even be tried. */
    private static String missing(String jdbcUrl) {
        try {
            DriverManager.getDriver(jdbcUrl);
            return "its driver is there; is the URL as that driver wants it?";
        } catch (SQLException e) {
            String name = jdbcUrl.split(":", 3)[1];
            String driver = DRIVERS.get(name);
            return driver == null
                    ? "the queue knows PostgreSQL, SQLite, H2, MariaDB and MySQL"
                    : "there is no driver for jdbc:" + name + ": on the class path; add " + driver;
        }
    }

    /** The URL without what may be a secret in it. */
    private static String harmless(String url) {
        return url.replaceAll("^(jdbc:[a-z0-9]+:(?:[a-z]+:)?(?://)?|[a-z]+://).*@", "$1***@")
                .replaceAll("(?i)(password|pwd)=[^&;]*", "$1=***");
    }

    private static boolean isHeldByAnother(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == H2_FILE_IN_USE) {
                return true;
            }
        }
        return false;
    }

    private static String reason(PoolInitializationException e, HikariConfig config) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        return cause instanceof UnknownHostException
                ? "the name " + message + " cannot be resolved"
                : harmless(message, config.getPassword());
    }

    /** The cause, unless it or one of its own shows a secret: some drivers repeat the whole URL. */
    private static @Nullable Throwable shown(Throwable cause, HikariConfig config) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            String message = String.valueOf(each.getMessage());
            if (!harmless(message, config.getPassword()).equals(message)) {
                return null;
            }
        }
        return cause;
    }

    /** A driver's message without what may be a secret in it. */
    private static String harmless(String message, @Nullable String password) {
        String without = message.replaceAll("(jdbc:[a-z0-9]+:(?:[a-z]+:)?(?://)?|[a-z]+://)\\S*@", "$1***@")
                .replaceAll("(?i)(password|pwd)=[^&;\\s]*", "$1=***");
        return password == null || password.isEmpty() ? without : without.replace(password, "***");
    }
}
