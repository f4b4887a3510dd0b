package dev.ttsjobs.storage.s3;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** An S3 server that checks signatures, in a process of its own on loopback, with its objects in a directory. */
public final class S3Proxy implements AutoCloseable {

    public static final String ACCESS_KEY = "AKIDTEST";
    public static final String SECRET_KEY = "secretsecret";

    static final AwsCredentialsProvider KEY =
            StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY));

    /** Twenty in a second: a minute of patience. */
    private static final int LOOKS = 1200;

    private final Process process;
    private final URI endpoint;

    private S3Proxy(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /**
     * Returns when it answers.
     *
     * @param directory an empty one, for its objects, settings and log
     */
    public static S3Proxy start(Path directory) throws Exception {
        // Beside the classes or the jar of these tests, whichever module uses them.
        Path jar = Path.of(S3Proxy.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolveSibling("s3proxy.jar");
        int port = freePort();
        URI endpoint = URI.create("http://127.0.0.1:" + port);
        Path settings = Files.write(
                directory.resolve("s3proxy.properties"),
                List.of(
                        "s3proxy.endpoint=" + endpoint,
                        "s3proxy.authorization=aws-v2-or-v4",
                        "s3proxy.identity=" + ACCESS_KEY,
                        "s3proxy.credential=" + SECRET_KEY,
                        "jclouds.provider=filesystem-nio2",
                        "jclouds.identity=x",
                        "jclouds.credential=x",
                        "jclouds.filesystem.basedir=" + Files.createDirectory(directory.resolve("objects"))));
        Path log = directory.resolve("s3proxy.log");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java, "-DLOG_LEVEL=warn", "-jar", jar.toString(), "--properties", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        // Also when the tests are stopped from outside.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        S3Proxy server = new S3Proxy(process, endpoint);
        for (int look = 0; look < LOOKS; look++) {
            if (server.answers()) {
                return server;
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        server.close();
        throw new IllegalStateException("S3Proxy did not start: " + Files.readString(log));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", endpoint.getPort()), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public URI endpoint() {
        return endpoint;
    }

    /** A client that sees what is there, beside the storage; whoever asks for it closes it. */
    public S3Client client() {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .credentialsProvider(KEY)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .httpClientBuilder(Apache5HttpClient.builder())
                .build();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
