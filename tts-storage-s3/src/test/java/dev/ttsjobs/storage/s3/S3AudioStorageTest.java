package dev.ttsjobs.storage.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.AudioStorageContract;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/** The contract, and what is particular to S3, against a server that checks signatures. */
class S3AudioStorageTest extends AudioStorageContract {

    private static final AudioName NAME = AudioName.of("ab".repeat(32), AudioFormat.MP3);
    private static final byte[] AUDIO = {1, 2, 3};

    @TempDir
    static Path serverDirectory;

    private static S3Proxy server;
    private static S3Client client;

    @TempDir
    Path directory;

    @BeforeAll
    static void startServer() throws Exception {
        server = S3Proxy.start(serverDirectory);
        client = server.client();
        client.createBucket(bucket -> bucket.bucket("audio"));
    }

    @AfterAll
    static void stopServer() throws Exception {
        client.close();
        server.close();
    }

    private static S3AudioStorage.Builder at(String bucket) {
        return S3AudioStorage.builder(bucket)
                .endpoint(server.endpoint())
                .region("us-east-1")
                .credentials(S3Proxy.KEY);
    }

    @Override
    protected AudioStorage open(Path place) {
        return at("audio").prefix(place.getFileName().toString()).build();
    }

    @Test
    void anObjectCarriesWhatBrowsersAndCachesNeed() throws Exception {
        try (AudioStorage s3 = at("audio").prefix("/some/tts/").build()) {
            s3.put(NAME, file());
        }
        var head = client.headObject(object -> object.bucket("audio").key("some/tts/" + NAME));
        assertEquals("audio/mpeg", head.contentType());
        assertEquals("public, max-age=31536000, immutable", head.cacheControl());
        assertEquals(3, head.contentLength());
        assertEquals(
                "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
                head.metadata().get("sha256"));
    }

    @Test
    void aLargeFileIsSentInPartsAndSeenWhole() throws Exception {
        byte[] bytes = new byte[(11 << 20) + 7];
        new Random(5).nextBytes(bytes);
        Path large = Files.write(directory.resolve("large.mp3"), bytes);
        try (AudioStorage s3 = at("audio").prefix("parts").partSize(5 << 20).build()) {
            assertTrue(s3.put(NAME, large));
            var head = client.headObject(object -> object.bucket("audio").key("parts/" + NAME));
            assertTrue(head.eTag().endsWith("-3\""), head.eTag());
            assertEquals("audio/mpeg", head.contentType());
            assertEquals("public, max-age=31536000, immutable", head.cacheControl());
            try (InputStream in = s3.open(NAME)) {
                assertArrayEquals(bytes, in.readAllBytes());
            }
            assertTrue(s3.put(NAME, large), "the same bytes are what the name shows");
            bytes[3]++;
            assertFalse(s3.put(NAME, Files.write(large, bytes)), "others came second");
        }
        assertEquals(
                List.of(),
                client.listMultipartUploads(uploads -> uploads.bucket("audio")).uploads(),
                "what came second was thrown away");
    }

    @Test
    void aPublishedNameIsAskedAboutEachTimeAndDownloadsUnderItsTitle() throws Exception {
        PublicName name = PublicName.of("Straße 7_de", AudioFormat.MP3);
        try (AudioStorage s3 = at("audio").prefix("cards").build()) {
            s3.put(NAME, file());
            s3.publish(NAME, name);
            HttpResponse<byte[]> answer = fetch(s3.url(name));
            assertEquals(200, answer.statusCode());
            assertArrayEquals(AUDIO, answer.body());
        }
        var head = client.headObject(object -> object.bucket("audio").key("cards/named/" + name));
        assertEquals("audio/mpeg", head.contentType());
        assertEquals("public, no-cache", head.cacheControl());
        assertEquals(
                "inline; filename=\"" + name + "\"; filename*=UTF-8''Stra%C3%9Fe%207_de.mp3",
                head.contentDisposition());
        assertEquals(NAME.value(), head.metadata().get("audio"));
    }

    @Test
    void storagesWithOtherPrefixesDoNotSeeEachOther() throws Exception {
        try (AudioStorage one = at("audio").prefix("one").build();
                AudioStorage none = at("audio").build()) {
            one.put(NAME, file());
            assertEquals(OptionalLong.empty(), none.find(NAME));
            none.delete(NAME);
            assertEquals(OptionalLong.of(3), one.find(NAME));
        }
    }

    @Test
    void aSignedAddressWorksForItsObjectOnly() throws Exception {
        try (AudioStorage s3 =
                at("audio").prefix("signed").signedFor(Duration.ofMinutes(5)).build()) {
            s3.put(NAME, file());
            URI url = s3.url(NAME);
            assertTrue(url.getQuery().contains("X-Amz-Expires=300"), url.toString());
            HttpResponse<byte[]> answer = fetch(url);
            assertEquals(200, answer.statusCode());
            assertArrayEquals(AUDIO, answer.body());

            AudioName other = AudioName.of("ab".repeat(31) + "ac", AudioFormat.MP3);
            s3.put(other, file());
            assertEquals(
                    403,
                    fetch(URI.create(url.toString().replace(NAME.value(), other.value())))
                            .statusCode());
            assertEquals(
                    403,
                    fetch(URI.create(url.toString().replaceAll("\\?.*", ""))).statusCode());
        }
    }

    @Test
    void aMissingBucketIsTroubleAndNotAnEmptyStorage() throws Exception {
        try (AudioStorage s3 = at("missing").build()) {
            // Deleting is left out: there is nothing, and this server is content with that.
            assertRefused(
                    "the bucket missing does not exist: create it",
                    () -> s3.find(NAME),
                    () -> s3.put(NAME, file()),
                    () -> s3.open(NAME).close(),
                    s3::check);
        }
    }

    @Test
    void aRefusedKeyIsSaidToBeOne() throws Exception {
        for (AwsBasicCredentials wrong : new AwsBasicCredentials[] {
            AwsBasicCredentials.create("AKIDTEST", "another"), AwsBasicCredentials.create("AKIDOTHER", "secretsecret")
        }) {
            try (AudioStorage s3 = at("audio")
                    .credentials(StaticCredentialsProvider.create(wrong))
                    .build()) {
                assertRefused(
                        "refused the access key",
                        () -> s3.find(NAME),
                        () -> s3.put(NAME, file()),
                        () -> s3.open(NAME).close(),
                        () -> s3.delete(NAME),
                        s3::check);
                assertTrue(Files.exists(directory.resolve("own.mp3")), "a file that was not stored stays");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {48_000, (5 << 20) + 1})
    void eightWritersOfTheSameAudioAllSucceedAndThereIsOneObject(int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Path file = Files.write(directory.resolve("same.mp3"), bytes);
        List<S3AudioStorage> writers = Stream.generate(() ->
                        at("audio").prefix("race" + size).partSize(5 << 20).build())
                .limit(8)
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(writers.size());
        try {
            for (int round = 0; round < (size < 1 << 20 ? 10 : 1); round++) {
                AudioName name = AudioName.of("%064x".formatted(round), AudioFormat.MP3);
                CyclicBarrier start = new CyclicBarrier(writers.size());
                List<Callable<Boolean>> puts = writers.stream()
                        .<Callable<Boolean>>map(writer -> () -> {
                            start.await(30, TimeUnit.SECONDS);
                            return writer.put(name, file);
                        })
                        .toList();
                for (Future<Boolean> put : threads.invokeAll(puts)) {
                    assertTrue(put.get(), "the name shows these very bytes, whoever was first");
                }
                try (InputStream in = writers.get(0).open(name)) {
                    assertArrayEquals(bytes, in.readAllBytes());
                }
            }
        } finally {
            threads.shutdownNow();
            writers.forEach(AudioStorage::close);
        }
        assertEquals(
                List.of(),
                client.listMultipartUploads(uploads -> uploads.bucket("audio")).uploads());
    }

    @Test
    void noConnectionIsLostWhicheverWayAReadEnds() throws Exception {
        AudioName absent = AudioName.of("cd".repeat(32), AudioFormat.MP3);
        Path file = Files.write(directory.resolve("large.mp3"), new byte[1 << 20]);
        try (AudioStorage s3 = at("audio")
                .prefix("two")
                .connections(2)
                .timeout(Duration.ofSeconds(5))
                .build()) {
            s3.put(NAME, file);
            for (int i = 0; i < 200; i++) {
                try (InputStream in = s3.open(NAME)) {
                    assertEquals(0, in.read());
                }
                if (i % 10 != 0) {
                    continue;
                }
                try (InputStream in = s3.open(NAME)) {
                    in.skipNBytes(1 << 20);
                }
                assertEquals(OptionalLong.of(1 << 20), s3.find(NAME));
                assertEquals(OptionalLong.empty(), s3.find(absent));
                assertThrows(StorageException.class, () -> s3.open(absent).close());
                assertFalse(s3.put(NAME, file()));
            }
        }
    }

    private static void assertRefused(String words, Executable... calls) {
        for (Executable call : calls) {
            String message = assertThrows(StorageException.class, call).getMessage();
            assertTrue(message.contains(words), message);
            assertFalse(message.contains("secretsecret"), message);
        }
    }

    private Path file() throws IOException {
        return Files.write(directory.resolve("own.mp3"), AUDIO);
    }

    private static HttpResponse<byte[]> fetch(URI url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
