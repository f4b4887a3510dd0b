package dev.ttsjobs.storage.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.storage.s3.FaultyWire.Way;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/** Connections to a real server that are reset at byte N, on the way up and on the way down. */
class BrokenWireTest {

    private static final int CLIP = 48_000;
    private static final int ATTEMPTS_OF_THE_SDK = 3;

    @TempDir
    static Path serverDirectory;

    private static S3Proxy server;
    private static S3Client client;

    @TempDir
    Path directory;

    private static final Random RANDOM = new Random(20_261_125);

    private FaultyWire wire;
    private S3AudioStorage s3;

    @BeforeAll
    static void startServer() throws Exception {
        server = S3Proxy.start(serverDirectory);
        client = server.client();
        client.createBucket(bucket -> bucket.bucket("audio"));
    }

    @AfterAll
    static void stopServer() {
        client.close();
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        wire = FaultyWire.to(server.endpoint());
        s3 = S3AudioStorage.builder("audio")
                .endpoint(wire.endpoint())
                .credentials(S3Proxy.KEY)
                .partSize(5 << 20)
                .timeout(Duration.ofSeconds(10))
                .withoutPauses()
                .build();
    }

    @AfterEach
    void stop() {
        s3.close();
        wire.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 300, 900, 2_000, 20_000, 47_000, 48_000})
    void anUploadThatIsResetOnItsWayIsMadeAgain(long bytes) throws Exception {
        AudioName name = newName();
        byte[] audio = bytes(CLIP);
        wire.reset(Way.UP, bytes, 1);
        assertTrue(s3.put(name, file(audio)));
        assertEquals(0, wire.resetsLeft());
        assertShows(audio, name);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 900, 20_000, 48_000})
    void anUploadThatIsResetEachTimeHasStoredNothingAndCanBeRepeated(long bytes) throws Exception {
        AudioName name = newName();
        byte[] audio = bytes(CLIP);
        Path file = file(audio);
        wire.reset(Way.UP, bytes, ATTEMPTS_OF_THE_SDK);
        String message =
                assertThrows(StorageException.class, () -> s3.put(name, file)).getMessage();
        assertTrue(message.contains("cannot be reached"), message);
        assertEquals(OptionalLong.empty(), s3.find(name));
        assertTrue(s3.put(name, file));
        assertShows(audio, name);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 50, 150})
    void anUploadWhoseAnswerIsCutIsFoundToBeOurs(long bytes) throws Exception {
        AudioName name = newName();
        byte[] audio = bytes(CLIP);
        wire.reset(Way.DOWN, bytes, 1);
        assertTrue(s3.put(name, file(audio)));
        assertEquals(0, wire.resetsLeft());
        assertShows(audio, name);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 150, 700, 2_000, 20_000, 47_999})
    void aDownloadThatIsResetIsAnErrorAndNotAnEnd(long bytes) throws Exception {
        AudioName name = newName();
        byte[] audio = bytes(CLIP);
        s3.put(name, file(audio));
        wire.reset(Way.DOWN, bytes, ATTEMPTS_OF_THE_SDK);
        try (InputStream in = s3.open(name)) {
            assertThrows(IOException.class, in::readAllBytes);
        } catch (StorageException e) {
            assertTrue(e.getMessage().contains("cannot be reached"), e.getMessage());
        }
        wire.reset(Way.DOWN, 0, 0);
        assertShows(audio, name);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 150})
    void aLookThatIsResetIsRepeated(long bytes) throws Exception {
        AudioName name = newName();
        wire.reset(Way.DOWN, bytes, 1);
        assertEquals(OptionalLong.empty(), s3.find(name));
        s3.put(name, file(bytes(CLIP)));
        wire.reset(Way.DOWN, bytes, 1);
        assertEquals(OptionalLong.of(CLIP), s3.find(name));
        assertEquals(0, wire.resetsLeft());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, ATTEMPTS_OF_THE_SDK})
    void aLargeFileIsWholeOrAbsentWhicheverPartIsReset(int times) throws Exception {
        byte[] audio = bytes((11 << 20) + 7);
        Path file = file(audio);
        for (long bytes : List.of(3L << 20, (5L << 20) + 2_000, 11L << 20)) {
            AudioName name = newName();
            wire.reset(Way.UP, bytes, times);
            try {
                assertTrue(s3.put(name, file));
            } catch (StorageException e) {
                assertEquals(ATTEMPTS_OF_THE_SDK, times, "one reset is not the end of it: " + e.getMessage());
                wire.reset(Way.UP, 0, 0);
                assertEquals(OptionalLong.empty(), s3.find(name));
                assertTrue(s3.put(name, file));
            }
            wire.reset(Way.UP, 0, 0);
            assertShows(audio, name);
        }
    }

    @Test
    void nothingButWholeObjectsIsLeftByAllThat() throws Exception {
        for (long bytes = 0; bytes < 50_000; bytes += 10_000) {
            wire.reset(Way.UP, bytes, ATTEMPTS_OF_THE_SDK);
            Path file = file(bytes(CLIP));
            assertThrows(StorageException.class, () -> s3.put(newName(), file));
        }
        client.listObjectsV2Paginator(list -> list.bucket("audio"))
                .contents()
                .forEach(object -> assertTrue(object.size() == CLIP || object.size() > 11 << 20, object.key()));
    }

    private AudioName newName() {
        return AudioName.of(HexFormat.of().formatHex(bytes(32)), AudioFormat.MP3);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("own.mp3"), bytes);
    }

    private void assertShows(byte[] bytes, AudioName name) throws IOException {
        assertEquals(OptionalLong.of(bytes.length), s3.find(name));
        try (InputStream in = s3.open(name)) {
            assertArrayEquals(bytes, in.readAllBytes());
        }
    }
}
