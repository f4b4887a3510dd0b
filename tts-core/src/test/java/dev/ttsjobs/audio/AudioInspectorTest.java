package dev.ttsjobs.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudioInspectorTest {

    @ParameterizedTest
    @CsvSource({
        "shine-8000-mono.mp3, MP3, 17 * 576 / 8000",
        "shine-24000-mono.mp3, MP3, 50 * 576 / 24000",
        "shine-48000-stereo.mp3, MP3, 50 * 1152 / 48000",
        "ffmpeg-shine-32000.mp3, MP3, 34 * 1152 / 32000",
        "lame-32000-stereo-vbr.mp3, MP3, 35 * 1152 / 32000",
        "lame-24000-info.mp3, MP3, 52 * 576 / 24000",
        "lame-24000-checksum.mp3, MP3, 52 * 576 / 24000",
        "lame-24000-id3.mp3, MP3, 52 * 576 / 24000",
        "ffmpeg-lame-24000-pipe.mp3, MP3, 52 * 576 / 24000",
        "ffmpeg-lame-24000-vbr.mp3, MP3, 52 * 576 / 24000",
        "ffmpeg-24000.mp2, MP3, 25 * 1152 / 24000",
        "ffmpeg.aac, AAC, 30 * 1024 / 24000",
        "opusenc.opus, OPUS, 57600 * 1 / 48000",
        "ffmpeg-pipe.opus, OPUS, 57600 * 1 / 48000",
        "flac.flac, FLAC, 8000 * 1 / 8000",
        "ffmpeg-pipe.flac, FLAC, 8000 * 1 / 8000",
        "sox.wav, WAV, 2400 * 1 / 8000",
        "ffmpeg-pipe.wav, WAV, 2400 * 1 / 8000"
    })
    void filesOfOtherEncodersAreMeasuredAsFfprobeDoes(String name, AudioFormat format, String expected)
            throws Exception {
        String[] factors = expected.split(" [*/] ");
        long samples = Long.parseLong(factors[0]) * Long.parseLong(factors[1]);
        byte[] file = Samples.fixture(name);

        AudioFacts facts = inspect(file, format);

        assertEquals(Duration.ofNanos(samples * 1_000_000_000 / Long.parseLong(factors[2])), facts.duration());
        assertEquals(format, facts.format());
        assertEquals(file.length, facts.bytes());
        assertEquals(sha256(file), facts.sha256());
    }

    @ParameterizedTest
    @CsvSource({
        "shine-24000-mono.mp3, MP3, got mp3",
        "ffmpeg-lame-24000-pipe.mp3, MP3, got mp3",
        "ffmpeg.aac, AAC, got aac",
        "opusenc.opus, OPUS, got opus",
        "flac.flac, FLAC, got flac",
        "sox.wav, WAV, got wav",
        "ffmpeg-pipe.wav, WAV, got wav",
        "ffmpeg.m4a, , got MP4",
        "ffmpeg.webm, , got WebM or Matroska",
        "ffmpeg-vorbis.ogg, , got Ogg Vorbis",
        "ffmpeg-flac.ogg, , got Ogg FLAC",
        "sox.aiff, , got AIFF"
    })
    void anotherFormatThanAskedForIsNamed(String name, AudioFormat real, String message) {
        for (AudioFormat asked : AudioFormat.values()) {
            if (asked != real) {
                Failure failure = failureOf(Samples.fixture(name), asked);
                assertEquals(BadAudioException.UNEXPECTED_FORMAT, failure.code(), asked + ": " + failure);
                assertTrue(
                        failure.message().contains("asked for " + asked.wireName() + ", " + message),
                        failure.message());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AudioFormat.class)
    void noByteAtAllIsEmpty(AudioFormat format) {
        Failure failure = failureOf(new byte[0], format);

        assertEquals(BadAudioException.EMPTY, failure.code());
        assertEquals(FailureKind.BAD_AUDIO, failure.kind());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<!DOCTYPE html><html><body>Please log in</body></html>|an HTML page",
                "  <html></html>|an HTML page",
                "<?xml version='1.0'?><Error/>|XML",
                "{\"error\":{\"message\":\"The server had an error\"}}|JSON",
                "[{\"detail\":\"nö\"}]|JSON",
                "upstream connect error or disconnect/reset before headers|text",
                "data: {\"type\":\"speech.audio.delta\"}|text",
                "Für später: ¿qué? 日本語|text"
            })
    void aPageOrAMessageIsNotAudioWhateverWasAskedFor(String body, String looksLike) {
        for (AudioFormat asked : AudioFormat.values()) {
            for (String mark : new String[] {"", "\uFEFF", "\r\n"}) {
                Failure failure = failureOf((mark + body).getBytes(StandardCharsets.UTF_8), asked);
                assertEquals(BadAudioException.NOT_AUDIO, failure.code(), asked + ": " + failure);
                assertTrue(failure.message().endsWith("got " + looksLike), failure.message());
            }
        }
    }

    @Test
    void aMessageNeverQuotesTheBody() {
        Failure failure = failureOf(Samples.latin("{\"error\":\"key sk-CANARY is wrong\"}"), AudioFormat.MP3);

        assertFalse(failure.toString().contains("CANARY"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"   \r\n\t  ", "\u001F\u008B\b\u0000compressed"})
    void blanksAndCompressedAnswersAreNotAudio(String body) {
        for (AudioFormat asked : AudioFormat.values()) {
            assertEquals(
                    BadAudioException.NOT_AUDIO,
                    failureOf(Samples.latin(body), asked).code());
        }
    }

    @ParameterizedTest
    @EnumSource(value = AudioFormat.class, mode = EnumSource.Mode.EXCLUDE, names = "PCM")
    void zeroesAreNotAudioOfAnyFormatWithAHeader(AudioFormat asked) {
        assertEquals(
                BadAudioException.NOT_AUDIO, failureOf(new byte[5000], asked).code());
    }

    @Test
    void pcmIsAnyEvenNumberOfBytesThatLooksLikeNothingElse() throws IOException {
        byte[] pcm = Samples.tone(24_000, 1, 1.5);

        assertEquals(Duration.ofMillis(1500), inspect(pcm, AudioFormat.PCM).duration());
        assertEquals(
                Duration.ofSeconds(1),
                inspect(new byte[48_000], AudioFormat.PCM).duration());
        assertEquals(
                BadAudioException.TRUNCATED,
                failureOf(Samples.cut(pcm, 47_999), AudioFormat.PCM).code());
    }

    @Test
    void samplesThatHappenToLookLikeOneMp3HeaderAreStillPcm() throws IOException {
        byte[] pcm = Samples.tone(24_000, 1, 0.5);
        System.arraycopy(new byte[] {(byte) 0xFF, (byte) 0xF3, 0x64, (byte) 0xC4}, 0, pcm, 0, 4);

        assertEquals(Duration.ofMillis(500), inspect(pcm, AudioFormat.PCM).duration());
    }

    @Test
    void whatAStreamBringsInSmallPiecesIsTheSame() throws Exception {
        for (String name : new String[] {"lame-24000-id3.mp3", "opusenc.opus", "flac.flac", "ffmpeg.aac", "sox.wav"}) {
            AudioFormat format =
                    AudioFormat.of(name.endsWith("mp3") ? "mp3" : name.substring(name.lastIndexOf('.') + 1));
            byte[] file = Samples.fixture(name);

            AudioFacts facts = AudioInspector.inspect(new OneByOne(file), format);

            assertEquals(inspect(file, format), facts, name);
        }
    }

    @Test
    void aFileIsReadFromItsPath(@TempDir Path directory) throws IOException {
        byte[] mp3 = Samples.fixture("shine-24000-mono.mp3");
        Path file = Files.write(directory.resolve("clip"), mp3);

        assertEquals(inspect(mp3, AudioFormat.MP3), AudioInspector.inspect(file, AudioFormat.MP3));
        assertThrows(
                NoSuchFileException.class, () -> AudioInspector.inspect(directory.resolve("none"), AudioFormat.MP3));
    }

    @Test
    void aStreamThatBreaksIsNoVerdictOnTheAudio() {
        InputStream broken = new FilterInputStream(new ByteArrayInputStream(Samples.fixture("shine-24000-mono.mp3"))) {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                int read = super.read(b, off, Math.min(len, 1000));
                if (read < 1000) {
                    throw new IOException("connection reset");
                }
                return read;
            }
        };

        IOException e = assertThrows(IOException.class, () -> AudioInspector.inspect(broken, AudioFormat.MP3));
        assertEquals("connection reset", e.getMessage());
    }

    @Test
    void tenHoursAreMeasuredExactly() throws IOException {
        byte[] mp3 = Samples.mp3(44_100, 1, 32, false, 30);
        Duration once = inspect(mp3, AudioFormat.MP3).duration();
        int times = (int) (Duration.ofHours(10).toNanos() / once.toNanos()) + 1;

        AudioFacts facts = AudioInspector.inspect(new Repeated(mp3, times), AudioFormat.MP3);

        assertEquals((long) mp3.length * times, facts.bytes());
        assertTrue(facts.duration().toHours() >= 10);
        // Rounding down to whole nanoseconds happens once, not once a frame.
        assertEquals(once.toNanos() * (double) times, facts.duration().toNanos(), times);
    }

    @Test
    void audioFarTooShortForItsTextIsNamed() {
        String text = "The quick brown fox jumps over the lazy dog, and then it walks home through the rain.";

        assertTrue(AudioInspector.tooShort(lasting(5000), text, 1).isEmpty());
        assertTrue(AudioInspector.tooShort(lasting(2000), text, 1).isEmpty());
        Optional<Failure> failure = AudioInspector.tooShort(lasting(1000), text, 1);
        assertEquals(BadAudioException.TOO_SHORT, failure.orElseThrow().code());
        assertEquals(FailureKind.BAD_AUDIO, failure.orElseThrow().kind());
        assertTrue(failure.orElseThrow().message().contains("1.0 s of audio"), failure.toString());
    }

    @Test
    void theSpeedThatWasAskedForCounts() {
        String text = "The quick brown fox jumps over the lazy dog, and then it walks home through the rain.";

        assertTrue(AudioInspector.tooShort(lasting(1000), text, 2).isEmpty());
        assertTrue(AudioInspector.tooShort(lasting(2000), text, 0.5).isPresent());
        assertThrows(IllegalArgumentException.class, () -> AudioInspector.tooShort(lasting(1000), text, 0));
        assertThrows(IllegalArgumentException.class, () -> AudioInspector.tooShort(lasting(1000), text, Double.NaN));
    }

    @Test
    void onlyLettersAndDigitsOfALongerTextCount() {
        assertTrue(AudioInspector.tooShort(lasting(100), "Yes, of course!", 1).isEmpty());
        assertTrue(AudioInspector.tooShort(lasting(100), "- - - ".repeat(50) + "!?".repeat(200), 1)
                .isEmpty());
        // 45 ideograms take about ten seconds.
        assertTrue(AudioInspector.tooShort(lasting(9000), "今天天气很好我们去公园".repeat(4) + "吧", 1)
                .isEmpty());
        // A letter outside the basic plane is one letter.
        assertTrue(AudioInspector.tooShort(lasting(100), "𝒜".repeat(39), 1).isEmpty());
        assertTrue(AudioInspector.tooShort(lasting(100), "𝒜".repeat(40), 1).isPresent());
    }

    private static AudioFacts lasting(long millis) {
        return new AudioFacts(AudioFormat.MP3, 1, Duration.ofMillis(millis), "0".repeat(64));
    }

    private static AudioFacts inspect(byte[] file, AudioFormat format) throws IOException {
        return AudioInspector.inspect(new ByteArrayInputStream(file), format);
    }

    private static Failure failureOf(byte[] file, AudioFormat format) {
        return assertThrows(BadAudioException.class, () -> inspect(file, format))
                .failure();
    }

    private static String sha256(byte[] file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
    }

    /** A network at its worst. */
    private static final class OneByOne extends ByteArrayInputStream {
        OneByOne(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int read(byte[] b, int off, int len) {
            return super.read(b, off, Math.min(len, 1));
        }
    }

    /** The same bytes many times, without holding them. */
    private static final class Repeated extends InputStream {
        private final byte[] bytes;
        private final long end;
        private long position;

        Repeated(byte[] bytes, int times) {
            this.bytes = bytes;
            this.end = (long) bytes.length * times;
        }

        @Override
        public int read() {
            return position == end ? -1 : bytes[(int) (position++ % bytes.length)] & 0xFF;
        }

        @Override
        public int read(byte[] b, int off, int len) {
            int from = (int) (position % bytes.length);
            int count = (int) Math.min(Math.min(len, bytes.length - from), end - position);
            System.arraycopy(bytes, from, b, off, count);
            position += count;
            return count == 0 ? -1 : count;
        }
    }
}
