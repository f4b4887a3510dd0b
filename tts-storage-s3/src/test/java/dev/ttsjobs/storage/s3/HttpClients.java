package dev.ttsjobs.storage.s3;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Measures the SDK's two small HTTP clients: files of 40 kB put to and got from S3Proxy, by one thread and by eight. Run
 * by hand, in the module's directory: {@code HttpClients [files]}.
 */
final class HttpClients {

    private static final int CLIP = 40_000;

    private HttpClients() {}

    public static void main(String[] arguments) throws Exception {
        int files = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000;
        Path directory = Files.createTempDirectory("http-clients");
        Path file = Files.write(directory.resolve("clip.mp3"), new byte[CLIP]);
        try (S3Proxy server = S3Proxy.start(directory)) {
            for (int round = 0; round < 3; round++) {
                Map.<String, SdkHttpClient>of(
                                "apache5",
                                Apache5HttpClient.builder()
                                        .maxConnections(64)
                                        .expectContinueEnabled(false)
                                        .build(),
                                "url-connection",
                                UrlConnectionHttpClient.builder()
                                        .socketTimeout(Duration.ofSeconds(30))
                                        .build())
                        .forEach((name, http) -> measure(name, http, server, file, files));
            }
        }
    }

    private static void measure(String name, SdkHttpClient http, S3Proxy server, Path file, int files) {
        try (http;
                S3Client client = S3Client.builder()
                        .endpointOverride(server.endpoint())
                        .credentialsProvider(S3Proxy.KEY)
                        .region(Region.US_EAST_1)
                        .forcePathStyle(true)
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .httpClient(http)
                        .build()) {
            String bucket = name + System.nanoTime();
            client.createBucket(request -> request.bucket(bucket));
            for (int threads : List.of(1, 8)) {
                double puts = rate(
                        threads,
                        files,
                        i -> client.putObject(
                                request -> request.bucket(bucket).key(threads + "/" + i), RequestBody.fromFile(file)));
                double gets = rate(
                        threads,
                        files,
                        i -> client.getObjectAsBytes(
                                request -> request.bucket(bucket).key(threads + "/" + i)));
                System.out.printf(
                        Locale.ROOT, "%-15s %d threads: %5.0f puts/s, %5.0f gets/s%n", name, threads, puts, gets);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Call {
        void with(int number);
    }

    private static double rate(int threads, int files, Call call) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            int number = i;
            running.add(pool.submit(() -> call.with(number)));
        }
        for (Future<?> each : running) {
            each.get();
        }
        pool.shutdown();
        return files / ((System.nanoTime() - start) / 1e9);
    }
}
