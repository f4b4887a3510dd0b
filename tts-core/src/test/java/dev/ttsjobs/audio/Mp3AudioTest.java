package dev.ttsjobs.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Mp3AudioTest {

    /** What an encoder adds before and behind: its own delay, and the rest of the last frame. */
    private static final int FRAMES_ADDED = 4;

    @ParameterizedTest
    @CsvSource({
        "8000, 1, 32",
        "8000, 2, 32",
        "11025, 1, 32",
        "11025, 2, 32",
        "12000, 1, 32",
        "16000, 1, 64",
        "16000, 2, 64",
        "22050, 1, 64",
        "22050, 2, 64",
        "24000, 1, 128",
        "24000, 1, 160",
        "24000, 2, 64",
        "32000, 1, 64",
        "44100, 1, 128",
        "44100, 2, 128",
        "48000, 1, 64",
        "48000, 2, 192"
    })
    void constantRatePlaysAsLongAsItsBytesSay(int rate, int channels, int bitrate) throws IOException {
        byte[] mp3 = Samples.mp3(rate, channels, bitrate, false, 1.5);

        Duration duration = durationOf(mp3);

        int samplesOfFrame = rate >= 32000 ? 1152 : 576;
        assertBetween(1.5, 1.5 + (double) FRAMES_ADDED * samplesOfFrame / rate, duration);
        // At a constant rate the size tells the duration too; padding makes single frames a byte longer.
        assertEquals(mp3.length * 8.0 / (bitrate * 1000), seconds(duration), 0.001);
    }

    @ParameterizedTest
    @CsvSource({"8000, 1", "11025, 2", "16000, 1", "22050, 2", "24000, 1", "24000, 2", "32000, 1", "44100, 2"})
    void variableRateIsCountedFrameByFrame(int rate, int channels) throws IOException {
        byte[] mp3 = Samples.mp3(rate, channels, 64, true, 1.5);

        assertBetween(1.5, 1.5 + FRAMES_ADDED * 576.0 / Math.min(rate, 24000), durationOf(mp3));
    }

    @Test
    void aCutAtAnyByteIsFoundExceptBetweenFrames() throws IOException {
        byte[] mp3 = Samples.mp3(24000, 1, 64, false, 1.0);
        int frame = 72 * 64_000 / 24_000;
        assertEquals(0, mp3.length % frame);

        for (int length = 1; length < mp3.length; length++) {
            byte[] cut = Arrays.copyOf(mp3, length);
            if (length % frame == 0) {
                assertEquals(Duration.ofMillis(24L * (length / frame)), durationOf(cut), "cut at " + length);
            } else {
                assertEquals(BadAudioException.TRUNCATED, codeOf(cut), "cut at " + length);
            }
        }
    }

    /** Shine writes no padding behind the last frame, and no header frame that would tell how many there are. */
    @ParameterizedTest
    @CsvSource({"shine-8000-mono.mp3, 17", "shine-24000-mono.mp3, 50", "shine-48000-stereo.mp3, 50"})
    void aCutOfAnotherEncodersFileIsFoundDownToItsLastByte(String name, int frames) throws IOException {
        byte[] mp3 = Samples.fixture(name);
        int whole = 0;
        for (int length = 1; length < mp3.length; length++) {
            String verdict = verdict(Samples.cut(mp3, length));
            if (verdict.equals("whole")) {
                whole++;
            } else {
                assertEquals(BadAudioException.TRUNCATED, verdict, "cut at " + length);
            }
        }
        assertEquals(frames - 1, whole, "between two frames nothing shows");
        assertEquals(BadAudioException.TRUNCATED, verdict(Samples.cut(mp3, mp3.length - 1)));
    }

    @Test
    void aCutBehindATagIsFoundToo() throws IOException {
        byte[] mp3 = Samples.fixture("lame-24000-id3.mp3");

        int whole = 0;
        int empty = 0;
        for (int length = 1; length < mp3.length; length++) {
            switch (verdict(Samples.cut(mp3, length))) {
                case "whole" -> whole++;
                case BadAudioException.EMPTY -> empty++;
                case BadAudioException.TRUNCATED -> {}
                default -> fail("cut at " + length + ": " + verdict(Samples.cut(mp3, length)));
            }
        }
        // Behind the tag at the beginning.
        assertEquals(1, empty);
        // Behind each of the 52 frames.
        assertEquals(52, whole);
    }

    @Test
    void aHeaderThatAnnouncesMoreFramesShowsACutBetweenThem() throws IOException {
        byte[] mp3 = Samples.fixture("lame-24000-info.mp3");
        int frame = 72 * 64_000 / 24_000;
        assertEquals(53 * frame, mp3.length);

        for (int frames = 2; frames <= 51; frames++) {
            assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.cut(mp3, frames * frame)), frames + " frames");
        }
        // Some encoders count the header frame, so the last one may be missing.
        assertEquals(Duration.ofMillis(51 * 24), durationOf(Samples.cut(mp3, 52 * frame)));
    }

    @Test
    void aHeaderFrameAloneIsEmpty() {
        byte[] mp3 = Samples.fixture("lame-24000-info.mp3");
        byte[] header = Samples.cut(mp3, 192);
        assertEquals(BadAudioException.TRUNCATED, codeOf(header));

        header[13 + 11] = 0;
        assertEquals(BadAudioException.EMPTY, codeOf(header));
    }

    @Test
    void aTagAloneIsEmpty() {
        assertEquals(BadAudioException.EMPTY, codeOf(id3v2(417, false)));
        assertEquals(BadAudioException.EMPTY, codeOf(id3v2(417, true)));
    }

    @Test
    void placeholdersInAHeaderAreNotBelieved() throws IOException {
        byte[] mp3 = Samples.fixture("lame-24000-info.mp3");
        for (int value : new int[] {0, 0xFF}) {
            Arrays.fill(mp3, 13 + 8, 13 + 12, (byte) value);
            assertEquals(Duration.ofMillis(52 * 24), durationOf(mp3));
        }
        // Without the flag the field is not there.
        mp3[13 + 7] = 0;
        mp3[13 + 10] = 0x7F;
        assertEquals(Duration.ofMillis(52 * 24), durationOf(mp3));
    }

    @Test
    void aHeaderBehindAChecksumIsRecognised() throws IOException {
        byte[] mp3 = Samples.fixture("lame-24000-info.mp3");
        byte[] moved = mp3.clone();
        moved[1] &= ~1;
        System.arraycopy(mp3, 13, moved, 15, 170);

        assertEquals(Duration.ofMillis(52 * 24), durationOf(moved));
    }

    @Test
    void aHeaderOfAnotherEncoderIsRecognised() throws IOException {
        byte[] mp3 = Samples.mp3(24000, 1, 64, false, 1.0);
        byte[] header = Samples.cut(mp3, 192);
        Arrays.fill(header, 4, header.length, (byte) 0);
        System.arraycopy(Samples.latin("VBRI\0\1\0\0\0\0\0\0\0\0\0\0\0"), 0, header, 36, 17);
        header[36 + 17] = (byte) (mp3.length / 192);

        assertEquals(durationOf(mp3), durationOf(Samples.concat(header, mp3)));
        header[36 + 17] += 2;
        assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.concat(header, mp3)));
    }

    @Test
    void wholeFilesOneBehindTheOtherAreOne() throws IOException {
        byte[] info = Samples.fixture("lame-24000-info.mp3");
        byte[] tagged = Samples.fixture("lame-24000-id3.mp3");
        byte[] other = Samples.fixture("shine-8000-mono.mp3");

        assertEquals(Duration.ofMillis(4 * 1248 + 1224), durationOf(Samples.concat(info, info, tagged, tagged, other)));
        assertEquals(Duration.ofMillis(2 * 1248), durationOf(Samples.concat(info, tagged)));
        assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.concat(Samples.cut(info, 40 * 192), info)));
    }

    @Test
    void tagsAreNeitherAudioNorJunk() throws IOException {
        byte[] mp3 = Samples.fixture("shine-24000-mono.mp3");
        byte[] id3v1 = Arrays.copyOf(Samples.latin("TAGTitle"), 128);
        byte[] ape = Samples.concat(apeBlock(true), new byte[500], apeBlock(false));

        assertEquals(Duration.ofMillis(1200), durationOf(Samples.concat(id3v2(100_000, false), mp3)));
        assertEquals(Duration.ofMillis(1200), durationOf(Samples.concat(id3v2(300, true), mp3, id3v1)));
        assertEquals(Duration.ofMillis(1200), durationOf(Samples.concat(mp3, ape, id3v1)));
        assertEquals(Duration.ofMillis(1200), durationOf(Samples.concat(ape, mp3)));
        assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.concat(mp3, Samples.cut(id3v1, 100))));
        assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.concat(mp3, Samples.cut(ape, 400))));
        assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.concat(mp3, Samples.latin("TA"))));
    }

    @Test
    void aLittleJunkIsToleratedAndMoreIsDamage() throws IOException {
        byte[] mp3 = Samples.fixture("shine-24000-mono.mp3");

        assertEquals(Duration.ofMillis(1200), durationOf(Samples.concat(mp3, new byte[72])));
        assertEquals(Duration.ofMillis(1200), durationOf(Samples.concat(new byte[72], mp3)));
        assertEquals(BadAudioException.DAMAGED, codeOf(Samples.concat(mp3, new byte[73])));
        assertEquals(BadAudioException.DAMAGED, codeOf(Samples.concat(new byte[73], mp3)));
        assertEquals(Duration.ofMillis(1200), durationOf(Samples.concat(mp3, Samples.latin("\r\n<"))));
        assertEquals(BadAudioException.NOT_AUDIO, codeOf(Samples.concat(new byte[8000], mp3)));
    }

    @Test
    void anErrorMessageWhereTheAudioShouldGoOnIsACutHoweverShortItIs() {
        byte[] mp3 = Samples.mp3(24000, 1, 64, false, 10);

        for (String message : List.of(
                "{\"error\":\"out of memory\"}",
                "[\"failed\"]",
                "<html><h1>504 Gateway Time-out</h1>" + " ".repeat(1000) + "</html>")) {
            assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.concat(mp3, Samples.latin(message))), message);
        }
    }

    @Test
    void aHoleInTheMiddleCostsTheFramesAroundIt() throws IOException {
        byte[] mp3 = Samples.mp3(24000, 1, 64, false, 10);
        byte[] holed = Samples.concat(Samples.cut(mp3, 20_000), Arrays.copyOfRange(mp3, 20_030, mp3.length));

        assertEquals(durationOf(mp3).minusMillis(24), durationOf(holed));
        byte[] brief = Samples.fixture("shine-24000-mono.mp3");
        byte[] briefHoled = Samples.concat(Samples.cut(brief, 3000), Arrays.copyOfRange(brief, 3030, brief.length));
        assertEquals(BadAudioException.DAMAGED, codeOf(briefHoled));
    }

    @Test
    void framesWithoutABitRateAreRefusedByName() {
        BadAudioException e =
                assertThrows(BadAudioException.class, () -> durationOf(Samples.fixture("lame-free-format.mp3")));

        assertEquals(BadAudioException.UNEXPECTED_FORMAT, e.failure().code());
        assertTrue(e.getMessage().contains("free format"), e.getMessage());
    }

    @Test
    void theOldestLayerIsMeasuredToo() throws IOException {
        // Layer I of version 1: 128 kbit/s, 44.1 kHz, 34 slots of four bytes.
        byte[] frame = Arrays.copyOf(new byte[] {(byte) 0xFF, (byte) 0xFF, 0x40, (byte) 0xC0}, 34 * 4);

        Duration duration = durationOf(Samples.concat(frame, frame, frame));

        assertEquals(Duration.ofNanos(3 * 384 * 1_000_000_000L / 44_100), duration);
    }

    private static byte[] id3v2(int size, boolean footer) {
        byte[] sizes = {(byte) (size >> 21), (byte) (size >> 14 & 0x7F), (byte) (size >> 7 & 0x7F), (byte) (size & 0x7F)
        };
        byte[] rest = Samples.concat(new byte[] {4, 0, (byte) (footer ? 0x10 : 0)}, sizes);
        byte[] body = new byte[size];
        // What looks like a frame inside a tag is none.
        System.arraycopy(new byte[] {(byte) 0xFF, (byte) 0xFB, (byte) 0x90, 0x64}, 0, body, size / 2, 4);
        return Samples.concat(
                Samples.latin("ID3"), rest, body, footer ? Samples.concat(Samples.latin("3DI"), rest) : new byte[0]);
    }

    private static byte[] apeBlock(boolean header) {
        // Version 2000, 500 bytes of items and a footer of 32, one item, flags.
        byte[] block = Arrays.copyOf(Samples.latin("APETAGEX\u00D0\u0007\0\0\u0014\2\0\0\1\0\0\0"), 32);
        block[23] = (byte) (header ? 0xA0 : 0x80);
        return block;
    }

    private static String verdict(byte[] mp3) throws IOException {
        try {
            durationOf(mp3);
            return "whole";
        } catch (BadAudioException e) {
            return e.failure().code();
        }
    }

    private static Duration durationOf(byte[] mp3) throws IOException {
        return AudioInspector.inspect(new ByteArrayInputStream(mp3), AudioFormat.MP3)
                .duration();
    }

    private static String codeOf(byte[] mp3) {
        return assertThrows(BadAudioException.class, () -> durationOf(mp3))
                .failure()
                .code();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static void assertBetween(double least, double most, Duration duration) {
        assertTrue(
                seconds(duration) >= least && seconds(duration) <= most,
                () -> duration + " is not " + least + " to " + most);
    }
}
