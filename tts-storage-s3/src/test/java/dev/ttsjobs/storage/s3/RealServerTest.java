package dev.ttsjobs.storage.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.contract.AudioStorageContract;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.Tag;

/**
 * The contract against whatever server the environment names: {@code TTS_TEST_S3_BUCKET} is the bucket, made if it is not
 * there; all else is the SDK's own ({@code AWS_ENDPOINT_URL_S3}, {@code AWS_REGION}, keys). What is written is removed again.
 * {@code TTS_TEST_S3_LACKS} names a capability that the server does not have. {@code real-server.sh} runs this.
 */
@EnabledIfEnvironmentVariable(
        named = "TTS_TEST_S3_BUCKET",
        matches = ".+",
        disabledReason = "no server is named: see real-server.sh")
class RealServerTest extends AudioStorageContract {

    private static final String BUCKET = System.getenv().getOrDefault("TTS_TEST_S3_BUCKET", "");
    private static final String ENDPOINT = System.getenv("AWS_ENDPOINT_URL_S3");
    private static final String RUN = "tts-contract-" + UUID.randomUUID();

    private static S3Client client;

    @TempDir
    Path directory;

    @BeforeAll
    static void openBucket() {
        // Asked for by older servers: they take no other checksums.
        S3ClientBuilder builder =
                S3Client.builder().requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
        if (ENDPOINT != null) {
            builder.forcePathStyle(true);
        }
        client = builder.build();
        try {
            client.createBucket(bucket -> bucket.bucket(BUCKET));
        } catch (BucketAlreadyOwnedByYouException e) {
            // As it was before.
        }
    }

    @AfterAll
    static void removeObjects() {
        client.listObjectsV2Paginator(list -> list.bucket(BUCKET).prefix(RUN))
                .contents()
                .forEach(object ->
                        client.deleteObject(request -> request.bucket(BUCKET).key(object.key())));
        client.close();
    }

    private static S3AudioStorage.Builder at(String place) {
        S3AudioStorage.Builder storage = S3AudioStorage.builder(BUCKET).prefix(RUN + "/" + place);
        return ENDPOINT == null ? storage : storage.endpoint(URI.create(ENDPOINT));
    }

    @Override
    protected AudioStorage open(Path place) {
        return at(place.getFileName().toString()).build();
    }

    @Override
    protected Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.allOf(Capability.class);
        all.removeIf(each -> each.name().equals(System.getenv("TTS_TEST_S3_LACKS")));
        return all;
    }

    @Test
    void anObjectHasTheHeadersAndTagsThatWereAskedFor() throws Exception {
        AudioName name = AudioName.of("ab".repeat(32), AudioFormat.MP3);
        Path file = Files.write(directory.resolve("own.mp3"), new byte[] {1, 2, 3});
        try (S3AudioStorage s3 = at("tags").tags(Map.of("app", "tts-jobs")).build()) {
            assertTrue(s3.put(name, file));
        } catch (RuntimeException e) {
            assumeTrue(!(e.getCause() instanceof S3Exception refusal && refusal.statusCode() == 501), "no tags here");
            throw e;
        }
        String key = RUN + "/tags/" + name;
        var head = client.headObject(request -> request.bucket(BUCKET).key(key));
        assertEquals("audio/mpeg", head.contentType());
        assertEquals("public, max-age=31536000, immutable", head.cacheControl());
        assertEquals(
                Map.of("app", "tts-jobs"),
                client.getObjectTagging(request -> request.bucket(BUCKET).key(key)).tagSet().stream()
                        .collect(Collectors.toMap(Tag::key, Tag::value)));
    }

    @Test
    void aLargeFileGoesInParts() throws Exception {
        AudioName name = AudioName.of("cd".repeat(32), AudioFormat.MP3);
        Path file = Files.write(directory.resolve("large.mp3"), new byte[(11 << 20) + 7]);
        try (S3AudioStorage s3 = at("parts").partSize(5 << 20).build()) {
            assertTrue(s3.put(name, file));
            assertEquals((11 << 20) + 7, s3.find(name).orElse(0));
            assertTrue(s3.put(name, file), "the same bytes are what the name shows");
        }
    }
}
