package dev.ttsjobs.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WAV, FLAC, Opus and AAC: cut, damaged, and as other encoders write them. */
class OtherFormatsTest {

    @TempDir
    Path directory;

    @Test
    void aWavThatTellsItsLengthIsCutAnywhere() {
        byte[] wav = Samples.fixture("sox.wav");

        for (int length = 1; length < wav.length; length++) {
            assertEquals(
                    BadAudioException.TRUNCATED, codeOf(Samples.cut(wav, length), AudioFormat.WAV), "cut at " + length);
        }
    }

    @Test
    void aStreamedWavIsAsLongAsItIs() throws IOException {
        byte[] wav = Samples.fixture("ffmpeg-pipe.wav");
        int header = wav.length - 4800;

        for (int length = header + 1; length <= wav.length; length++) {
            byte[] cut = Samples.cut(wav, length);
            if ((length - header) % 2 == 0) {
                assertEquals(seconds(length - header, 16_000), durationOf(cut, AudioFormat.WAV));
            } else {
                assertEquals(BadAudioException.TRUNCATED, codeOf(cut, AudioFormat.WAV));
            }
        }
        assertEquals(BadAudioException.EMPTY, codeOf(Samples.cut(wav, header), AudioFormat.WAV));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xFFFFFFFFL, 0x7FFFF000L, 0x80000000L, 24_000})
    void everyWayToWriteTheLengthOfAWavIsKnown(long dataBytes) throws IOException {
        byte[] wav = wav(1, 1, 24_000, 16, dataBytes, Samples.tone(24_000, 1, 0.5));

        assertEquals(Duration.ofMillis(500), durationOf(wav, AudioFormat.WAV));
    }

    @Test
    void wavsOfOtherSampleFormatsAreMeasured() throws IOException {
        assertEquals(
                Duration.ofSeconds(1), durationOf(wav(1, 2, 44_100, 24, 264_600, new byte[264_600]), AudioFormat.WAV));
        assertEquals(
                Duration.ofSeconds(1), durationOf(wav(3, 1, 48_000, 32, 192_000, new byte[192_000]), AudioFormat.WAV));
        // A-law: a byte a sample.
        assertEquals(Duration.ofSeconds(1), durationOf(wav(6, 1, 8_000, 8, 8_000, new byte[8_000]), AudioFormat.WAV));
        assertEquals(
                BadAudioException.TRUNCATED,
                codeOf(wav(1, 2, 44_100, 24, 0xFFFFFFFFL, new byte[264_598]), AudioFormat.WAV));
    }

    /** As ffmpeg, sox, and sox with GSM write them: what each says of bytes a second may be a third too high. */
    @Test
    void aCompressedWavIsAsLongAsItsSamples() throws IOException {
        byte[] ffmpeg = compressed(0x11, 24_000, 16_000, 1024, 2041, 32_656, 16_384);
        assertEquals(seconds(32_656, 24_000), durationOf(ffmpeg, AudioFormat.WAV));
        byte[] withoutFact = compressed(0x11, 24_000, 16_000, 1024, 2041, 0, 16_384);
        assertEquals(seconds(32_656, 24_000), durationOf(withoutFact, AudioFormat.WAV));
        byte[] padded = compressed(2, 24_000, 12_142, 512, 1012, 8_880, 4_608);
        assertEquals(seconds(8_880, 24_000), durationOf(padded, AudioFormat.WAV));
        byte[] implausible = compressed(2, 24_000, 12_142, 512, 1012, 1_000_000, 4_608);
        assertEquals(seconds(9 * 1012, 24_000), durationOf(implausible, AudioFormat.WAV));
        byte[] gsm = compressed(0x31, 8_000, 1_625, 65, 320, 10_400, 2_146);
        assertEquals(seconds(10_400, 8_000), durationOf(gsm, AudioFormat.WAV), "with a byte to make it even");
        assertEquals(BadAudioException.TRUNCATED, codeOf(Samples.cut(gsm, gsm.length - 1), AudioFormat.WAV));
    }

    private static byte[] compressed(
            int coding, int rate, int bytesASecond, int block, int samplesABlock, int fact, int dataBytes) {
        ByteBuffer wav = ByteBuffer.allocate(60 + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        wav.put(Samples.latin("RIFF")).putInt(52 + dataBytes).put(Samples.latin("WAVEfmt "));
        wav.putInt(20).putShort((short) coding).putShort((short) 1).putInt(rate).putInt(bytesASecond);
        wav.putShort((short) block).putShort((short) 4).putShort((short) 2).putShort((short) samplesABlock);
        wav.put(Samples.latin("fact")).putInt(4).putInt(fact);
        wav.put(Samples.latin("data")).putInt(dataBytes);
        return wav.array();
    }

    @Test
    void otherChunksOfAWavAreNotAudio() throws IOException {
        byte[] wav = Samples.fixture("sox.wav");
        byte[] list = Samples.latin("LIST\5\0\0\0names\0");
        byte[] around = Samples.concat(Samples.cut(wav, 12), list, Arrays.copyOfRange(wav, 12, wav.length), list);

        AudioFacts facts = AudioInspector.inspect(new ByteArrayInputStream(around), AudioFormat.WAV);

        assertEquals(Duration.ofMillis(300), facts.duration());
        // All bytes count and are hashed, those behind the samples too.
        assertEquals(around.length, facts.bytes());
    }

    @Test
    void samplesBehindThoseThatAWavAnnouncesAreNotLostInSilence() throws IOException {
        byte[] wav = Samples.fixture("sox.wav");
        byte[] samples = Samples.tone(24_000, 1, 0.5);

        // A server that appends file to file: players, and a join, would stop at the end of the first.
        assertEquals(BadAudioException.DAMAGED, codeOf(Samples.concat(wav, wav), AudioFormat.WAV));
        assertEquals(BadAudioException.DAMAGED, codeOf(wav(1, 1, 24_000, 16, 1000, samples), AudioFormat.WAV));
        AudioJoin.Source twice = () -> new ByteArrayInputStream(Samples.concat(wav, wav));
        assertThrows(
                BadAudioException.class,
                () -> AudioJoin.join(List.of(twice), AudioFormat.WAV, directory.resolve("joined.wav")));
        assertEquals(Duration.ofMillis(300), durationOf(Samples.concat(wav, new byte[20]), AudioFormat.WAV));
    }

    @Test
    void aWavWithoutSamplesOrFormatIsRefused() {
        byte[] wav = Samples.fixture("sox.wav");

        assertEquals(BadAudioException.EMPTY, codeOf(wav(1, 1, 24_000, 16, 0, new byte[0]), AudioFormat.WAV));
        assertEquals(BadAudioException.DAMAGED, codeOf(wav(1, 1, 0, 16, 2, new byte[2]), AudioFormat.WAV));
        byte[] noFormat = Samples.concat(Samples.cut(wav, 12), Arrays.copyOfRange(wav, 36, wav.length));
        assertEquals(BadAudioException.DAMAGED, codeOf(noFormat, AudioFormat.WAV));
    }

    @Test
    void anOpusStreamIsCutAnywhere() {
        for (String name : List.of("opusenc.opus", "ffmpeg-pipe.opus")) {
            byte[] opus = Samples.fixture(name);
            for (int length = 1; length < opus.length; length++) {
                assertEquals(
                        BadAudioException.TRUNCATED,
                        codeOf(Samples.cut(opus, length), AudioFormat.OPUS),
                        "cut at " + length);
            }
        }
    }

    @Test
    void anyWrongByteOfAnOpusStreamIsFound() {
        byte[] opus = Samples.fixture("opusenc.opus");
        for (int i = 0; i < opus.length; i++) {
            byte[] wrong = opus.clone();
            wrong[i] ^= 0x10;
            assertThrows(BadAudioException.class, () -> durationOf(wrong, AudioFormat.OPUS), "byte " + i);
        }
    }

    @Test
    void opusStreamsOneBehindTheOtherAreOne() throws IOException {
        byte[] opus = Samples.concat(Samples.fixture("opusenc.opus"), Samples.fixture("ffmpeg-pipe.opus"));

        assertEquals(Duration.ofMillis(2400), durationOf(opus, AudioFormat.OPUS));
    }

    @Test
    void aMissingOrStrangePageOfAnOpusStreamIsDamage() {
        byte[] opus = Samples.fixture("opusenc.opus");
        List<byte[]> pages = pages(opus);
        assertTrue(pages.size() > 3, "pages: " + pages.size());

        List<byte[]> without = new ArrayList<>(pages);
        without.remove(2);
        assertEquals(BadAudioException.DAMAGED, codeOf(concat(without), AudioFormat.OPUS));
        List<byte[]> twice = new ArrayList<>(pages);
        twice.add(2, pages.get(0));
        assertEquals(BadAudioException.DAMAGED, codeOf(concat(twice), AudioFormat.OPUS));
        assertEquals(BadAudioException.DAMAGED, codeOf(Samples.concat(opus, new byte[100]), AudioFormat.OPUS));
        assertEquals(BadAudioException.DAMAGED, codeOf(Samples.concat(opus, pages.get(2)), AudioFormat.OPUS));
    }

    @Test
    void anOpusStreamOfHeadersIsEmpty() {
        byte[] head = pages(Samples.fixture("opusenc.opus")).get(0);
        head[5] |= 4;
        sign(head);

        assertEquals(BadAudioException.EMPTY, codeOf(head, AudioFormat.OPUS));
    }

    @Test
    void aFlacThatTellsItsLengthIsCutAnywhere() {
        byte[] flac = Samples.fixture("flac.flac");

        for (int length = 1; length < flac.length; length++) {
            assertEquals(
                    BadAudioException.TRUNCATED,
                    codeOf(Samples.cut(flac, length), AudioFormat.FLAC),
                    "cut at " + length);
        }
    }

    @Test
    void aStreamedFlacIsCutAnywhereButBetweenFrames() throws IOException {
        byte[] flac = Samples.fixture("ffmpeg-pipe.flac");
        int frames = 0;
        int empty = 0;
        for (int length = 1; length < flac.length; length++) {
            try {
                assertEquals(seconds(++frames * 1024L, 8000), durationOf(Samples.cut(flac, length), AudioFormat.FLAC));
            } catch (BadAudioException e) {
                frames--;
                boolean headerOnly = e.failure().code().equals(BadAudioException.EMPTY);
                empty += headerOnly ? 1 : 0;
                assertTrue(
                        headerOnly || e.failure().code().equals(BadAudioException.TRUNCATED),
                        "cut at " + length + ": " + e);
            }
        }
        // Eight frames have seven places between them, and one before them.
        assertEquals(7, frames);
        assertEquals(1, empty);
    }

    @Test
    void anyWrongByteOfAFlacFrameIsFound() {
        for (String name : List.of("flac.flac", "ffmpeg-pipe.flac")) {
            byte[] flac = Samples.fixture(name);
            int firstFrame = firstFlacFrame(flac);
            int damaged = 0;
            for (int i = firstFrame; i < flac.length; i++) {
                byte[] wrong = flac.clone();
                wrong[i] ^= 0x10;
                BadAudioException e =
                        assertThrows(BadAudioException.class, () -> durationOf(wrong, AudioFormat.FLAC), "byte " + i);
                damaged += e.failure().code().equals(BadAudioException.DAMAGED) ? 1 : 0;
            }
            // In the last frame damage cannot be told from a cut.
            assertTrue(damaged > (flac.length - firstFrame) * 3 / 4, damaged + " found as damage");
        }
    }

    @Test
    void anAacStreamIsCutAnywhereButBetweenFrames() throws IOException {
        byte[] aac = Samples.fixture("ffmpeg.aac");
        List<Integer> edges = new ArrayList<>();
        for (int at = 0; at < aac.length; at = edges.get(edges.size() - 1)) {
            edges.add(at + ((aac[at + 3] & 3) << 11 | (aac[at + 4] & 0xFF) << 3 | (aac[at + 5] & 0xFF) >> 5));
        }
        assertEquals(30, edges.size());

        for (int length = 1; length < aac.length; length++) {
            byte[] cut = Samples.cut(aac, length);
            int frames = edges.indexOf(length) + 1;
            if (frames > 0) {
                assertEquals(seconds(frames * 1024L, 24_000), durationOf(cut, AudioFormat.AAC), "cut at " + length);
            } else {
                assertEquals(BadAudioException.TRUNCATED, codeOf(cut, AudioFormat.AAC), "cut at " + length);
            }
        }
    }

    @Test
    void tagsAroundAacAreTolerated() throws IOException {
        byte[] aac = Samples.fixture("ffmpeg.aac");
        byte[] tag = Samples.latin("ID3\4\0\0\0\0\0\nxxxxxxxxxx");

        assertEquals(durationOf(aac, AudioFormat.AAC), durationOf(Samples.concat(tag, aac), AudioFormat.AAC));
        assertEquals(BadAudioException.UNEXPECTED_FORMAT, codeOf(Samples.concat(tag, aac), AudioFormat.MP3));
    }

    @Test
    void aTagBeforeFlacIsTolerated() throws IOException {
        byte[] flac = Samples.fixture("flac.flac");
        byte[] tag = Samples.latin("ID3\4\0\0\0\0\0\nxxxxxxxxxx");

        assertEquals(Duration.ofSeconds(1), durationOf(Samples.concat(tag, flac), AudioFormat.FLAC));
    }

    @Test
    void tagsBehindFlacAndALongOneBeforeItAreTolerated() throws IOException {
        byte[] v1 = Arrays.copyOf(Samples.latin("TAG"), 128);
        byte[] v2 = Samples.latin("ID3\4\0\0\0\0\0\nxxxxxxxxxx");
        // A picture of 200 KB.
        byte[] v2Long = Arrays.copyOf(Samples.latin("ID3\4\0\0\0\f\0\0"), 10 + (12 << 14));
        for (String name : List.of("flac.flac", "ffmpeg-pipe.flac")) {
            byte[] flac = Samples.fixture(name);
            Duration duration = durationOf(flac, AudioFormat.FLAC);
            assertEquals(duration, durationOf(Samples.concat(flac, v1), AudioFormat.FLAC));
            assertEquals(duration, durationOf(Samples.concat(v2, flac, v2, v1), AudioFormat.FLAC));
            assertEquals(duration, durationOf(Samples.concat(v2Long, flac, v1), AudioFormat.FLAC));
            assertEquals(
                    BadAudioException.DAMAGED,
                    codeOf(Samples.concat(flac, v1, Samples.latin("<html>gateway timeout</html>")), AudioFormat.FLAC));
            byte[] cut = Samples.cut(flac, flac.length - 1);
            assertThrows(
                    BadAudioException.class,
                    () -> durationOf(Samples.concat(cut, v1), AudioFormat.FLAC),
                    "cut, then a tag");
        }
        byte[] mp3 = Samples.concat(v2Long, Samples.mp3(24_000, 1, 64, false, 0.5));
        assertTrue(durationOf(mp3, AudioFormat.MP3).toMillis() >= 500);
        assertEquals(BadAudioException.NOT_AUDIO, codeOf(mp3, AudioFormat.FLAC));
        assertEquals(BadAudioException.UNEXPECTED_FORMAT, codeOf(mp3, AudioFormat.PCM));
    }

    private static int firstFlacFrame(byte[] flac) {
        int at = 4;
        boolean last = false;
        while (!last) {
            last = flac[at] < 0;
            at += 4 + ((flac[at + 1] & 0xFF) << 16 | (flac[at + 2] & 0xFF) << 8 | flac[at + 3] & 0xFF);
        }
        return at;
    }

    private static List<byte[]> pages(byte[] ogg) {
        List<byte[]> pages = new ArrayList<>();
        for (int at = 0; at < ogg.length; ) {
            int length = 27 + ogg[at + 26];
            for (int i = 0; i < ogg[at + 26]; i++) {
                length += ogg[at + 27 + i] & 0xFF;
            }
            pages.add(Arrays.copyOfRange(ogg, at, at + length));
            at += length;
        }
        return pages;
    }

    private static byte[] concat(List<byte[]> pages) {
        return Samples.concat(pages.toArray(byte[][]::new));
    }

    /** Writes the page's checksum, computed bit by bit. */
    private static void sign(byte[] page) {
        ByteBuffer bytes = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(22, 0);
        int crc = 0;
        for (byte b : page) {
            crc ^= b << 24;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc < 0 ? crc << 1 ^ 0x04C11DB7 : crc << 1;
            }
        }
        bytes.putInt(22, crc);
    }

    static byte[] wav(int coding, int channels, int rate, int bits, long dataBytes, byte[] data) {
        int block = channels * bits / 8;
        ByteBuffer wav = ByteBuffer.allocate(44 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        wav.put(Samples.latin("RIFF"))
                .putInt((int) (dataBytes + 36))
                .put(Samples.latin("WAVEfmt "))
                .putInt(16);
        wav.putShort((short) coding).putShort((short) channels).putInt(rate).putInt(rate * block);
        wav.putShort((short) block).putShort((short) bits);
        wav.put(Samples.latin("data")).putInt((int) dataBytes).put(data);
        return wav.array();
    }

    private static Duration seconds(long units, long unitsASecond) {
        return Duration.ofNanos(units * 1_000_000_000 / unitsASecond);
    }

    private static Duration durationOf(byte[] file, AudioFormat format) throws IOException {
        return AudioInspector.inspect(new ByteArrayInputStream(file), format).duration();
    }

    private static String codeOf(byte[] file, AudioFormat format) {
        return assertThrows(BadAudioException.class, () -> durationOf(file, format))
                .failure()
                .code();
    }
}
