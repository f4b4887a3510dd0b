package dev.ttsjobs.storage.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.Headers;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What the storage says when the server says something else than what it did, or does not say it. */
class DoubtfulAnswersTest {

    private static final AudioName NAME = AudioName.of("ab".repeat(32), AudioFormat.MP3);
    private static final String PATH = "/audio/" + NAME;

    @TempDir
    Path directory;

    private final byte[] audio = new byte[48_000];
    private final List<Duration> pauses = new ArrayList<>();
    private ScriptedServer server;
    private S3AudioStorage storage;
    private Path file;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer();
        storage = settings().build();
        file = Files.write(directory.resolve("own.mp3"), audio);
    }

    @AfterEach
    void stop() {
        storage.close();
        server.close();
    }

    private S3AudioStorage.Builder settings() {
        return S3AudioStorage.builder("audio")
                .endpoint(server.endpoint())
                .credentials(S3Proxy.KEY)
                .timeout(Duration.ofSeconds(10))
                .sleeper(pauses::add);
    }

    // Writing

    @Test
    void anUploadSaysItsLengthItsChecksumAndThatItWantsToBeFirst() {
        assertTrue(storage.put(NAME, file));
        Headers put = server.puts.get(0);
        assertEquals("48000", put.getFirst("Content-Length"));
        assertEquals(Content.md5(audio), put.getFirst("Content-MD5"));
        assertEquals("*", put.getFirst("If-None-Match"));
        assertNull(put.getFirst("Content-Encoding"), "no framing that a server might store");
        assertNull(put.getFirst("Expect"), "no round trip more");
        assertArrayEquals(audio, server.objects.get(PATH).bytes());
    }

    @Test
    void anUploadCarriesWhatTheHostChose() {
        try (S3AudioStorage s3 = settings()
                .storageClass("STANDARD_IA")
                .encryptedWith("key-1")
                .tags(Map.of("app", "tts", "a b", "c&d"))
                .build()) {
            assertTrue(s3.put(NAME, file));
        }
        Headers put = server.puts.get(0);
        assertEquals("STANDARD_IA", put.getFirst("x-amz-storage-class"));
        assertEquals("aws:kms", put.getFirst("x-amz-server-side-encryption"));
        assertEquals("key-1", put.getFirst("x-amz-server-side-encryption-aws-kms-key-id"));
        assertEquals("a%20b=c%26d&app=tts", put.getFirst("x-amz-tagging"));
        assertNull(put.getFirst("x-amz-sdk-checksum-algorithm"), "older servers refuse it");
    }

    @Test
    void theSdksChecksumIsSentWhereItIsAskedFor() {
        try (S3AudioStorage s3 = settings().requestChecksums(true).encrypted().build()) {
            s3.put(NAME, file);
        }
        Headers put = server.puts.get(0);
        assertEquals("CRC32", put.getFirst("x-amz-sdk-checksum-algorithm"));
        assertEquals("AES256", put.getFirst("x-amz-server-side-encryption"));
    }

    @Test
    void anUploadWhoseAnswerWasLostIsFoundToBeOurs() {
        server.toPuts.add(ScriptedServer.STORES_AND_HANGS_UP);
        assertTrue(storage.put(NAME, file), "the second attempt met the object of the first");
        assertEquals(2, server.puts.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anUploadThatIsSaidToHaveFailedIsBelievedOnlyAfterLooking(boolean stored) {
        for (int attempt = 0; attempt < 3; attempt++) {
            server.toPuts.add(stored ? ScriptedServer.STORES_AND_FAILS : ScriptedServer.refusing(500, "InternalError"));
        }
        if (stored) {
            assertTrue(storage.put(NAME, file));
        } else {
            assertThrows(StorageException.class, () -> storage.put(NAME, file));
            assertEquals(OptionalLong.empty(), storage.find(NAME));
            assertTrue(Files.exists(file));
            assertTrue(storage.put(NAME, file), "and it can be put again");
        }
    }

    @Test
    void anotherObjectThatWasFirstStaysEvenWhenItIsAsLong() {
        byte[] other = audio.clone();
        other[7] = 7;
        server.objects.put(PATH, new ScriptedServer.Stored(other, "0".repeat(64)));
        assertFalse(storage.put(NAME, file));
        assertArrayEquals(other, server.objects.get(PATH).bytes());
    }

    @Test
    void anUploadThatLosesToNobodyIsMadeAgainAfterAPause() {
        server.toPuts.add(ScriptedServer.refusing(409, "ConditionalRequestConflict"));
        server.toPuts.add(ScriptedServer.refusing(412, "PreconditionFailed"));
        assertTrue(storage.put(NAME, file));
        assertEquals(2, pauses.size());
        assertEquals(3, server.puts.size());
    }

    @Test
    void anUploadThatAlwaysLosesToNobodyIsGivenUp() {
        for (int i = 0; i < 10; i++) {
            server.toPuts.add(ScriptedServer.refusing(412, "PreconditionFailed"));
        }
        assertThrows(StorageException.class, () -> storage.put(NAME, file));
        assertEquals(4, server.puts.size());
    }

    @Test
    void aServerWithoutConditionalWritesIsAskedBeforehand() throws Exception {
        server.toPuts.add(ScriptedServer.refusing(501, "NotImplemented"));
        assertTrue(storage.put(NAME, file));
        assertFalse(storage.put(NAME, Files.write(directory.resolve("second.mp3"), new byte[] {1})));
        assertArrayEquals(audio, server.objects.get(PATH).bytes());
        assertEquals(2, server.puts.size(), "one that was refused, one that was not");
        assertTrue(server.puts.get(0).containsKey("If-None-Match"));
        assertFalse(server.puts.get(1).containsKey("If-None-Match"));
    }

    @Test
    void whenTheServerCannotBeLookedAtAfterADoubtNothingIsClaimed() {
        server.toPuts.add(ScriptedServer.refusing(412, "PreconditionFailed"));
        server.toGets.add(ScriptedServer.refusing(403, "AccessDenied"));
        StorageException trouble = assertThrows(StorageException.class, () -> storage.put(NAME, file));
        assertTrue(trouble.getMessage().contains("s3:ListBucket"), trouble.getMessage());
        assertEquals(1, trouble.getSuppressed().length, "with what made it look");
    }

    // Reading

    @Test
    void audioThatEndsTooEarlyIsAnErrorAndNotAnEnd() throws Exception {
        server.toGets.add((exchange, s) -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[500]);
            exchange.getResponseBody().flush();
        });
        try (InputStream in = storage.open(NAME)) {
            assertThrows(IOException.class, in::readAllBytes);
        }
    }

    @Test
    void aListenerWhoReadsSlowlyIsNotCutOff() throws Exception {
        Duration timeout = Duration.ofMillis(300);
        server.toGets.add((exchange, s) -> {
            exchange.sendResponseHeaders(200, 5);
            for (int i = 0; i < 5; i++) {
                exchange.getResponseBody().write(i);
                exchange.getResponseBody().flush();
                RealTime.pass(timeout.dividedBy(2));
            }
        });
        try (S3AudioStorage s3 = settings().timeout(timeout).build();
                InputStream in = s3.open(NAME)) {
            assertArrayEquals(new byte[] {0, 1, 2, 3, 4}, in.readAllBytes());
        }
    }

    @ParameterizedTest
    @CsvSource({"404,NoSuchBucket", "404,''", "403,AccessDenied", "500,InternalError", "400,Strange"})
    void onlyAnAbsentObjectIsAbsent(int status, String code) {
        for (int i = 0; i < 3; i++) {
            server.toGets.add(ScriptedServer.refusing(status, code));
        }
        assertThrows(StorageException.class, () -> storage.find(NAME));
        server.toGets.clear();
        assertEquals(OptionalLong.empty(), storage.find(NAME));
    }

    @Test
    void aServerThatDoesNotKnowRangesIsUnderstoodAndNotReadToTheEnd() {
        server.toGets.add((exchange, s) -> {
            exchange.sendResponseHeaders(200, 1 << 20);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
        });
        assertEquals(OptionalLong.of(1 << 20), storage.find(NAME));
    }

    @Test
    void anEmptyObjectIsTroubleAndNotAudio() {
        server.toGets.add(ScriptedServer.refusing(416, "InvalidRange"));
        String message =
                assertThrows(StorageException.class, () -> storage.find(NAME)).getMessage();
        assertTrue(message.contains(NAME + " is empty") && message.contains("remove it"), message);
    }

    // What to do about it

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchBucket, create it",
        "403, InvalidAccessKeyId, AWS_ACCESS_KEY_ID",
        "403, SignatureDoesNotMatch, AWS_SECRET_ACCESS_KEY",
        "400, ExpiredToken, AWS_SESSION_TOKEN",
        "400, XAmzContentSHA256Mismatch, requestChecksums(false)",
        "400, InvalidStorageClass, storage class",
        "400, InvalidTag, tags",
        "400, KMS.DisabledException, encryption key",
        "403, AccessDenied, s3:PutObject",
        "403, RequestTimeTooSkewed, clock",
        "400, AuthorizationHeaderMalformed, AWS_REGION",
        "301, PermanentRedirect, AWS_REGION",
        "503, SlowDown, try again later",
        "507, XMinioStorageFull, is full",
        "400, Strange, refused (400 Strange)",
    })
    void eachRefusalSaysWhatToDo(int status, String code, String words) {
        for (int i = 0; i < 3; i++) {
            server.toPuts.add(ScriptedServer.refusing(status, code));
        }
        String message = assertThrows(StorageException.class, storage::check).getMessage();
        assertTrue(message.startsWith("the bucket audio ") && message.contains(words), message);
    }

    @Test
    void aServerThatIsNotThereIsSaidToBeOutOfReach() {
        server.close();
        String message = assertThrows(StorageException.class, storage::check).getMessage();
        assertTrue(message.contains("cannot be reached (") && message.contains("ConnectException"), message);
    }

    @Test
    void tooManyStreamsAtOnceAreSaidToBeTheReason() throws Exception {
        storage.put(NAME, file);
        try (S3AudioStorage s3 =
                        settings().connections(1).timeout(Duration.ofSeconds(3)).build();
                InputStream in = s3.open(NAME)) {
            String message =
                    assertThrows(StorageException.class, () -> s3.find(NAME)).getMessage();
            assertTrue(message.contains("connections"), message);
            assertEquals(audio.length, in.readAllBytes().length);
            assertEquals(OptionalLong.of(audio.length), s3.find(NAME), "and the connection is back");
        }
    }

    @Test
    void anInterruptedCallIsTroubleLikeAnyOther() {
        storage.put(NAME, file);
        Thread.currentThread().interrupt();
        assertThrows(StorageException.class, () -> storage.find(NAME));
        Thread.interrupted();
        assertEquals(OptionalLong.of(audio.length), storage.find(NAME));
    }

    @Test
    void aMissingKeyIsSaidToBeMissing() {
        try (S3AudioStorage keyless = settings()
                .credentials(() -> {
                    throw SdkClientException.create("Unable to load credentials from any of the providers");
                })
                .build()) {
            for (String message : List.of(
                    assertThrows(StorageException.class, keyless::check).getMessage(),
                    assertThrows(StorageException.class, () -> keyless.url(NAME))
                            .getMessage())) {
                assertTrue(message.contains("set AWS_ACCESS_KEY_ID"), message);
            }
        }
    }

    @Test
    void aKeyThatIsRenewedInTheProfilesFileIsUsedWithoutARestart() throws Exception {
        assumeTrue(System.getenv("AWS_ACCESS_KEY_ID") == null, "the environment has a key, which comes first");
        Path profile = directory.resolve("credentials");
        server.otherwise = (exchange, s) -> (exchange.getRequestHeaders()
                                .getFirst("Authorization")
                                .contains("AKIDOLD")
                        ? ScriptedServer.refusing(400, "ExpiredToken")
                        : ScriptedServer.SOUND)
                .to(exchange, s);
        String before = System.setProperty("aws.sharedCredentialsFile", profile.toString());
        writeProfile(profile, "AKIDOLD");
        try (S3AudioStorage s3 = S3AudioStorage.builder("audio")
                .endpoint(server.endpoint())
                .withoutPauses()
                .build()) {
            assertThrows(StorageException.class, s3::check);
            writeProfile(profile, "AKIDNEW");
            Files.setLastModifiedTime(profile, FileTime.from(Instant.now().plusSeconds(5)));
            // The SDK looks at the file once in a while.
            RealTime.await(Duration.ofSeconds(20), () -> isWell(s3));
            assertTrue(s3.put(NAME, file));
        } finally {
            if (before == null) {
                System.clearProperty("aws.sharedCredentialsFile");
            } else {
                System.setProperty("aws.sharedCredentialsFile", before);
            }
        }
    }

    private static boolean isWell(S3AudioStorage s3) {
        try {
            s3.check();
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    private static void writeProfile(Path file, String key) throws IOException {
        Files.write(file, List.of("[default]", "aws_access_key_id = " + key, "aws_secret_access_key = secret"));
    }

    // Settings

    @Test
    void addressesStartWithThePublicBaseWhereThereIsOne() {
        for (String base : List.of("https://cdn.example/audio", "https://cdn.example/audio/")) {
            try (S3AudioStorage s3 =
                    settings().prefix("tts").publicBaseUrl(URI.create(base)).build()) {
                assertEquals(URI.create("https://cdn.example/audio/" + NAME), s3.url(NAME));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "a/../b", ".", "a//b", "a b", "a?b", "a%2fb", "é"})
    void aPrefixThatIsNoneIsRefused(String prefix) {
        assertThrows(IllegalArgumentException.class, () -> settings().prefix(prefix));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        S3AudioStorage.Builder settings = settings();
        assertThrows(IllegalArgumentException.class, () -> S3AudioStorage.builder(" "));
        assertThrows(IllegalArgumentException.class, () -> settings.publicBaseUrl(URI.create("/audio")));
        assertThrows(IllegalArgumentException.class, () -> settings.publicBaseUrl(URI.create("https://a.example/?b")));
        assertThrows(IllegalArgumentException.class, () -> settings.signedFor(Duration.ofDays(8)));
        assertThrows(IllegalArgumentException.class, () -> settings.signedFor(Duration.ofMillis(999)));
        assertThrows(IllegalArgumentException.class, () -> settings.connections(0));
        assertThrows(IllegalArgumentException.class, () -> settings.timeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> settings.partSize((5 << 20) - 1));
        assertThrows(IllegalArgumentException.class, () -> settings.tags(Map.of(" ", "x")));
    }

    @Test
    void aGivenSpoolIsMadeAndSweptAndStaysAndATemporaryOneGoes() throws Exception {
        Path spool = directory.resolve("spool");
        try (S3AudioStorage s3 = settings().spool(spool).build()) {
            assertEquals(spool, s3.spoolDirectory());
        }
        Path old = Files.createFile(spool.resolve("old.part"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH));
        Path young = Files.createFile(spool.resolve("young.part"));
        settings().spool(spool).build().close();
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young));

        Path temporary;
        try (S3AudioStorage s3 = settings().build()) {
            temporary = s3.spoolDirectory();
            Files.createFile(temporary.resolve("left.part"));
        }
        assertFalse(Files.exists(temporary));
        assertThrows(StorageException.class, () -> settings().spool(file).build());
    }

    @Test
    void whatItPrintsAsHoldsNoSecret() {
        assertEquals("S3AudioStorage[audio/]", storage.toString());
    }
}
