package dev.ttsjobs.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AudioJoinTest {

    @TempDir
    Path directory;

    private Path target;

    @BeforeEach
    void nameTheTarget() {
        target = directory.resolve("joined");
    }

    @ParameterizedTest
    @CsvSource({
        "8000, 1, 8",
        "8000, 2, 16",
        "11025, 1, 32",
        "16000, 1, 32",
        "22050, 1, 48",
        "24000, 1, 128",
        "24000, 1, 160",
        "24000, 2, 64",
        "44100, 1, 64",
        "44100, 2, 128",
        "48000, 1, 64",
        "48000, 2, 192"
    })
    void mp3PartsBecomeOneFileWithOneRightHeader(int rate, int channels, int bitrate) throws IOException {
        byte[][] parts = {
            Samples.mp3(rate, channels, bitrate, false, 0.7),
            Samples.mp3(rate, channels, bitrate, false, 1.1),
            Samples.mp3(rate, channels, bitrate, false, 0.4)
        };

        AudioFacts facts = join(AudioFormat.MP3, parts);

        byte[] joined = Files.readAllBytes(target);
        List<byte[]> frames = frames(joined);
        assertArrayEquals(
                Samples.concat(parts),
                Samples.concat(frames.subList(1, frames.size()).toArray(byte[][]::new)));
        assertHeader(joined, "Info", frames.size() - 1);
        int samples = rate >= 32_000 ? 1152 : 576;
        assertEquals(Duration.ofNanos((frames.size() - 1) * samples * 1_000_000_000L / rate), facts.duration());
        assertEquals(AudioInspector.inspect(target, AudioFormat.MP3), facts);
    }

    @Test
    void theDurationIsTheSumOfTheParts() throws IOException {
        byte[][] parts = {
            Samples.fixture("lame-24000-info.mp3"),
            Samples.fixture("ffmpeg-lame-24000-pipe.mp3"),
            Samples.fixture("shine-24000-mono.mp3"),
            Samples.fixture("lame-24000-id3.mp3")
        };

        AudioFacts facts = join(AudioFormat.MP3, parts);

        assertEquals(Duration.ofMillis(3 * 1248 + 1200), facts.duration());
    }

    @Test
    void oldHeadersAndTagsAreLeftOut() throws IOException {
        byte[] whole = Samples.fixture("lame-24000-id3.mp3");
        byte[] info = Samples.fixture("lame-24000-info.mp3");
        byte[] chained = Samples.concat(info, info);

        join(AudioFormat.MP3, whole, info, chained, whole);

        byte[] joined = Files.readAllBytes(target);
        String text = new String(joined, StandardCharsets.ISO_8859_1);
        assertEquals(text.indexOf("Info"), text.lastIndexOf("Info"));
        assertFalse(text.contains("ID3") || text.contains("TAG"));
        assertHeader(joined, "Xing", 5 * 52);
    }

    @Test
    void theNewHeaderHasNoChecksumThoughTheFramesHave() throws IOException {
        byte[] part = Samples.fixture("lame-24000-checksum.mp3");
        assertEquals(0, part[1] & 1);

        AudioFacts facts = join(AudioFormat.MP3, part, part);

        byte[] joined = Files.readAllBytes(target);
        assertEquals(1, joined[1] & 1);
        assertHeader(joined, "Info", 2 * 52);
        assertEquals(Duration.ofMillis(2 * 1248), facts.duration());
    }

    @Test
    void aVariableRateIsSaidAndItsPlacesAreRight() throws IOException {
        byte[] part = Samples.mp3(24000, 1, 64, true, 15);

        join(AudioFormat.MP3, part, part);

        byte[] joined = Files.readAllBytes(target);
        List<byte[]> frames = frames(joined);
        assertHeader(joined, "Xing", frames.size() - 1);
        assertTrue(frames.size() > 1000, "more frames than places are remembered");
        assertPlaces(joined, frames);
    }

    @Test
    void placesAreRightForShortAndLongFiles() throws IOException {
        byte[] frame = Samples.cut(Samples.mp3(24000, 1, 64, false, 0.5), 192);
        for (int count : new int[] {1, 2, 99, 100, 101, 399, 400, 401, 799, 800, 801, 5000}) {
            join(
                    AudioFormat.MP3,
                    Samples.concat(Collections.nCopies(count, frame).toArray(byte[][]::new)));

            byte[] joined = Files.readAllBytes(target);
            List<byte[]> frames = frames(joined);
            assertEquals(count + 1, frames.size());
            assertPlaces(joined, frames);
        }
    }

    @Test
    void aThousandPartsAreOpenedAndClosedOnceEach() throws IOException {
        byte[] part = Samples.fixture("shine-8000-mono.mp3");
        List<Counted> sources = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            sources.add(new Counted(part));
        }

        AudioFacts facts = AudioJoin.join(sources, AudioFormat.MP3, target);

        assertEquals(Duration.ofMillis(1224).multipliedBy(1000), facts.duration());
        assertTrue(sources.stream().allMatch(source -> source.opened == 1 && source.closed == 1));
    }

    @Test
    void partsOfDifferentSoundAreRefused() {
        byte[] mono = Samples.fixture("shine-24000-mono.mp3");

        String rates = refusal(AudioFormat.MP3, mono, Samples.fixture("shine-8000-mono.mp3"));
        assertTrue(rates.contains("part 2 of 2: MP3 of 8000 Hz mono behind MP3 of 24000 Hz mono"), rates);
        String channels = refusal(AudioFormat.MP3, mono, mono, Samples.mp3(24000, 2, 64, false, 0.5));
        assertTrue(channels.contains("part 3 of 3: MP3 of 24000 Hz stereo behind MP3 of 24000 Hz mono"), channels);
        String chained = refusal(AudioFormat.MP3, Samples.concat(mono, Samples.fixture("shine-8000-mono.mp3")));
        assertTrue(chained.contains("part 1 of 1"), chained);
        String layer = refusal(AudioFormat.MP3, Samples.fixture("ffmpeg-24000.mp2"));
        assertTrue(layer.contains("layer III"), layer);
    }

    @Test
    void stereoAndJointStereoAreOneSound() throws IOException {
        byte[] joint = Samples.mp3(48_000, 2, 128, false, 0.5);
        byte[] plain = Samples.fixture("shine-48000-stereo.mp3");
        assertEquals(0x40, joint[3] & 0xC0);
        assertEquals(0, plain[3] & 0xC0);

        AudioFacts facts = join(AudioFormat.MP3, joint, plain);

        assertTrue(facts.duration().compareTo(Duration.ofMillis(1700)) > 0);
    }

    @Test
    void aPartThatIsNotWholeIsNamedAndNothingIsLeft() {
        byte[] good = Samples.fixture("shine-24000-mono.mp3");

        assertBadPart(BadAudioException.TRUNCATED, AudioFormat.MP3, good, Samples.cut(good, good.length - 1));
        assertBadPart(BadAudioException.EMPTY, AudioFormat.MP3, good, new byte[0]);
        assertBadPart(BadAudioException.NOT_AUDIO, AudioFormat.MP3, good, Samples.latin("<html>"));
        assertBadPart(BadAudioException.UNEXPECTED_FORMAT, AudioFormat.MP3, good, Samples.fixture("sox.wav"));
        byte[] wav = Samples.fixture("sox.wav");
        assertBadPart(BadAudioException.TRUNCATED, AudioFormat.WAV, wav, Samples.cut(wav, wav.length - 2));
        assertBadPart(BadAudioException.TRUNCATED, AudioFormat.PCM, new byte[10], new byte[11]);
    }

    @Test
    void aPartThatCannotBeReadLeavesNothing() {
        AudioJoin.Source gone = () -> {
            throw new FileNotFoundException("gone");
        };

        assertThrows(
                FileNotFoundException.class,
                () -> AudioJoin.join(
                        List.of(source(Samples.fixture("shine-24000-mono.mp3")), gone), AudioFormat.MP3, target));
        assertFalse(Files.exists(target));
    }

    @Test
    void wavPartsAreJoinedExactToTheSample() throws IOException {
        byte[] first = Samples.tone(24_000, 2, 0.5);
        byte[] second = Samples.tone(24_000, 2, 0.3);
        byte[] third = Samples.tone(24_000, 2, 0.1);
        byte[] list = Samples.latin("LIST\4\0\0\0name");

        AudioFacts facts = join(
                AudioFormat.WAV,
                OtherFormatsTest.wav(1, 2, 24_000, 16, 0xFFFFFFFFL, first),
                Samples.concat(OtherFormatsTest.wav(1, 2, 24_000, 16, second.length, second), list),
                OtherFormatsTest.wav(1, 2, 24_000, 16, 0, third));

        byte[] samples = Samples.concat(first, second, third);
        assertArrayEquals(OtherFormatsTest.wav(1, 2, 24_000, 16, samples.length, samples), Files.readAllBytes(target));
        assertEquals(Duration.ofMillis(900), facts.duration());
    }

    @Test
    void wavFormatsOfDifferentLengthAreOneSound() throws IOException {
        byte[] plain = OtherFormatsTest.wav(1, 1, 8000, 16, 4, new byte[] {1, 2, 3, 4});
        byte[] longer = Samples.concat(
                Samples.cut(plain, 16),
                new byte[] {18, 0, 0, 0},
                Arrays.copyOfRange(plain, 20, 36),
                new byte[2],
                Arrays.copyOfRange(plain, 36, plain.length));

        join(AudioFormat.WAV, longer, plain);

        byte[] samples = {1, 2, 3, 4, 1, 2, 3, 4};
        assertArrayEquals(OtherFormatsTest.wav(1, 1, 8000, 16, 8, samples), Files.readAllBytes(target));
    }

    @Test
    void anOddNumberOfBytesIsPadded() throws IOException {
        byte[] part = OtherFormatsTest.wav(1, 1, 8000, 8, 3, new byte[] {1, 2, 3});

        AudioFacts facts = join(AudioFormat.WAV, part);

        byte[] joined = Files.readAllBytes(target);
        assertEquals(48, joined.length);
        assertEquals(40, joined[4]);
        assertEquals(3, joined[40]);
        assertEquals(Duration.ofNanos(375_000), facts.duration());
    }

    @Test
    void wavPartsOfDifferentSoundAreRefused() {
        byte[] mono = OtherFormatsTest.wav(1, 1, 8000, 16, 4, new byte[4]);

        assertTrue(refusal(AudioFormat.WAV, mono, OtherFormatsTest.wav(1, 1, 16_000, 16, 4, new byte[4]))
                .contains("part 2 of 2"));
        assertTrue(refusal(AudioFormat.WAV, mono, OtherFormatsTest.wav(1, 2, 8000, 16, 4, new byte[4]))
                .contains("part 2 of 2"));
        assertTrue(refusal(AudioFormat.WAV, OtherFormatsTest.wav(6, 1, 8000, 8, 4, new byte[4]))
                .contains("compressed"));
    }

    @Test
    void pcmPartsFollowEachOther() throws IOException {
        byte[] first = Samples.tone(24_000, 1, 0.25);
        byte[] second = Samples.tone(24_000, 1, 0.5);

        AudioFacts facts = join(AudioFormat.PCM, first, second);

        assertArrayEquals(Samples.concat(first, second), Files.readAllBytes(target));
        assertEquals(Duration.ofMillis(750), facts.duration());
    }

    @Test
    void anOldFileAtTheTargetIsReplaced() throws IOException {
        Files.write(target, new byte[100_000]);

        AudioFacts facts = join(AudioFormat.PCM, new byte[1000]);

        assertEquals(1000, facts.bytes());
        assertEquals(1000, Files.size(target));
    }

    @ParameterizedTest
    @EnumSource(AudioFormat.class)
    void whatCannotBeJoinedIsSaidBeforeAnythingIsTouched(AudioFormat format) throws IOException {
        boolean joins = format == AudioFormat.MP3 || format == AudioFormat.WAV || format == AudioFormat.PCM;
        assertEquals(joins, AudioJoin.canJoin(format));
        if (!joins) {
            Files.write(target, new byte[7]);
            String message = refusal(format, new byte[10]);
            assertTrue(message.contains(format.wireName() + " files cannot be joined"), message);
            assertEquals(7, Files.size(target));
        }
    }

    @Test
    void nothingCannotBeJoined() {
        assertThrows(IllegalArgumentException.class, () -> AudioJoin.join(List.of(), AudioFormat.MP3, target));
    }

    private AudioFacts join(AudioFormat format, byte[]... parts) throws IOException {
        return AudioJoin.join(Arrays.stream(parts).map(AudioJoinTest::source).toList(), format, target);
    }

    private String refusal(AudioFormat format, byte[]... parts) {
        TtsException e = assertThrows(TtsException.class, () -> join(format, parts));
        assertFalse(e instanceof BadAudioException, e.toString());
        return e.getMessage();
    }

    private void assertBadPart(String code, AudioFormat format, byte[] good, byte[] bad) {
        BadAudioException e = assertThrows(BadAudioException.class, () -> join(format, good, bad, good));
        assertEquals(code, e.failure().code());
        assertTrue(e.failure().message().startsWith("part 2 of 3: "), e.getMessage());
        assertFalse(Files.exists(target));
    }

    private static AudioJoin.Source source(byte[] part) {
        return () -> new ByteArrayInputStream(part);
    }

    /** Checks the header frame field by field, as a player reads it. */
    private static void assertHeader(byte[] mp3, String marker, int frames) {
        ByteBuffer header = ByteBuffer.wrap(mp3, markerAt(mp3), 16);
        byte[] name = new byte[4];
        header.get(name);
        assertArrayEquals(Samples.latin(marker), name);
        assertEquals(7, header.getInt());
        assertEquals(frames, header.getInt());
        assertEquals(mp3.length, header.getInt());
    }

    /** Each of the hundred places points at most one 256th of the file before the frame of that time. */
    private static void assertPlaces(byte[] mp3, List<byte[]> frames) {
        int at = 0;
        List<Integer> starts = new ArrayList<>();
        for (byte[] frame : frames) {
            starts.add(at);
            at += frame.length;
        }
        int audioFrames = frames.size() - 1;
        int remembered = 1 + audioFrames / 200;
        for (int i = 0; i < 100; i++) {
            int place = mp3[markerAt(mp3) + 16 + i] & 0xFF;
            int frame = audioFrames * i / 100;
            double earliest = starts.get(1 + Math.max(0, frame - remembered)) * 256.0 / mp3.length - 1;
            double latest = starts.get(1 + frame) * 256.0 / mp3.length;
            assertTrue(place >= earliest && place <= latest, i + " of 100: " + earliest + " " + place + " " + latest);
        }
    }

    private static int markerAt(byte[] mp3) {
        boolean versionOne = (mp3[1] & 0x18) == 0x18;
        boolean mono = (mp3[3] & 0xC0) == 0xC0;
        return 4 + (versionOne ? mono ? 17 : 32 : mono ? 9 : 17);
    }

    /** Splits layer III at its frames, with arithmetic of its own. */
    private static List<byte[]> frames(byte[] mp3) {
        int[] rates = {44_100, 48_000, 32_000};
        int[] first = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
        int[] second = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
        List<byte[]> frames = new ArrayList<>();
        for (int at = 0; at < mp3.length; ) {
            int version = mp3[at + 1] >> 3 & 3;
            int rate = rates[mp3[at + 2] >> 2 & 3] / (version == 3 ? 1 : version == 2 ? 2 : 4);
            int kilobits = (version == 3 ? first : second)[mp3[at + 2] >> 4 & 15];
            int length = (version == 3 ? 144 : 72) * kilobits * 1000 / rate + (mp3[at + 2] >> 1 & 1);
            frames.add(Arrays.copyOfRange(mp3, at, at + length));
            at += length;
        }
        return frames;
    }

    private static final class Counted implements AudioJoin.Source {
        private final byte[] part;
        private int opened;
        private int closed;

        Counted(byte[] part) {
            this.part = part;
        }

        @Override
        public InputStream open() {
            opened++;
            return new ByteArrayInputStream(part) {
                @Override
                public void close() {
                    closed++;
                }
            };
        }
    }
}
