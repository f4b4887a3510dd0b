package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The MariaDB that the system has installed, as a process of the tests': one for all tests of a JVM, on loopback, in a
 * folder of its own, started when the first one asks, stopped and deleted with the JVM.
 */
public final class MariaDbServer {

    private static final AtomicInteger COUNT = new AtomicInteger();

    private MariaDbServer() {}

    /** Skips the test where there is no server to start. */
    public static void require() {
        assumeTrue(
                program("mariadbd") != null && program("mariadb-install-db") != null,
                "MariaDB is not installed, so nothing is tested on it: apt-get install mariadb-server");
    }

    /** As Java programs write it. */
    public static String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + Running.PORT + "/" + database + "?user=root";
    }

    /** As hosting services write it. */
    public static String serviceUrl(String scheme, String database) {
        return scheme + "://root@127.0.0.1:" + Running.PORT + "/" + database;
    }

    /** Makes an empty database; says its name. */
    public static String newDatabase() {
        require();
        String name = "queue" + COUNT.incrementAndGet();
        try (Connection admin = DriverManager.getConnection(url(""));
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return name;
    }

    private static String program(String name) {
        return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    }

    private static final class Running {
        private static final int PORT = start();

        private static int start() {
            try {
                Path folder = Files.createTempDirectory("tts-mariadb");
                String user = "--user=" + System.getProperty("user.name");
                String data = "--datadir=" + folder.resolve("data");
                Process install = process(List.of(
                        program("mariadb-install-db"),
                        "--no-defaults",
                        user,
                        data,
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db"));
                String said = new String(install.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (install.waitFor() != 0) {
                    throw new IllegalStateException("mariadb-install-db failed: " + said);
                }
                int port = freePort();
                Process server = process(List.of(
                        program("mariadbd"),
                        "--no-defaults",
                        user,
                        data,
                        "--port=" + port,
                        "--bind-address=127.0.0.1",
                        "--socket=" + folder.resolve("socket"),
                        "--pid-file=" + folder.resolve("pid"),
                        "--max-connections=300",
                        "--innodb-flush-log-at-trx-commit=0",
                        // As hostile as old servers are: what is not asked for is Swedish, and case is nothing to it.
                        "--character-set-server=latin1"));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, folder)));
                awaitReady(server);
                return port;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        private static Process process(List<String> command) throws IOException {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            }
        }

        /** What it says is read to the end, so that it never waits for a reader. */
        private static void awaitReady(Process server) throws IOException {
            BufferedReader log =
                    new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
            List<String> said = new ArrayList<>();
            for (String line = log.readLine(); line != null; line = log.readLine()) {
                said.add(line);
                if (line.contains("ready for connections")) {
                    Thread rest = new Thread(() -> log.lines().forEach(said::add), "mariadb-log");
                    rest.setDaemon(true);
                    rest.start();
                    return;
                }
            }
            throw new IllegalStateException("mariadbd did not start:\n" + String.join("\n", said));
        }

        private static void stop(Process server, Path folder) {
            server.destroy();
            try (Stream<Path> files = Files.walk(folder)) {
                if (!server.waitFor(10, TimeUnit.SECONDS)) {
                    server.destroyForcibly().waitFor();
                }
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(file -> file.delete());
            } catch (IOException | UncheckedIOException e) {
                // It is in the folder for what is temporary.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
