package dev.ttsjobs.audio;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.fail;

import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes are, the answer is facts or a {@link BadAudioException}, and it does not take long. */
class HostileBytesTest {

    /** {@code -Dttsjobs.audio.fuzz=1000000} for a long run. */
    private static final int RUNS = Integer.getInteger("ttsjobs.audio.fuzz", 20_000);

    private static final List<String> MAGIC = List.of(
            "\u00FF\u00F3\u0064\u00C4",
            "\u00FF\u00FB\u0090\u0064",
            "\u00FF\u00F1\u0058\u0040",
            "ID3\u0004\0\0\0\0\0#",
            "RIFF\0\0\0\0WAVEfmt \u0010\0\0\0\1\0\1\0\u00C0\u005D\0\0\u0080\u00BB\0\0\2\0\u0010\0data",
            "fLaC\u0080\0\0\"",
            "OggS\0\2",
            "OpusHead",
            "TAG",
            "APETAGEX",
            "Xing",
            "Info",
            "VBRI",
            "ftyp",
            "{\"",
            "<");

    private static final List<String> WHOLE = List.of(
            "lame-24000-id3.mp3", "lame-32000-stereo-vbr.mp3", "ffmpeg.aac", "opusenc.opus", "flac.flac", "sox.wav");

    @ParameterizedTest
    @EnumSource(AudioFormat.class)
    void randomBytesAreJudgedAndNothingElse(AudioFormat format) {
        Random random = new Random(20_261_124);
        for (int run = 0; run < RUNS / AudioFormat.values().length; run++) {
            byte[] bytes = new byte[random.nextInt(random.nextInt(8) == 0 ? 20_000 : 400)];
            random.nextBytes(bytes);
            for (int splices = random.nextInt(4); splices > 0; splices--) {
                splice(bytes, Samples.latin(MAGIC.get(random.nextInt(MAGIC.size()))), random);
            }
            judge(bytes, format, run);
        }
    }

    @ParameterizedTest
    @EnumSource(AudioFormat.class)
    void wholeFilesWithWrongBytesAreJudgedAndNothingElse(AudioFormat format) {
        Random random = new Random(42);
        List<byte[]> files = WHOLE.stream().map(Samples::fixture).toList();
        for (int run = 0; run < RUNS / AudioFormat.values().length; run++) {
            byte[] bytes = files.get(random.nextInt(files.size())).clone();
            // Most of what can go wrong goes wrong near the beginning.
            int reach = random.nextBoolean() ? 64 : bytes.length;
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                bytes[random.nextInt(reach)] = (byte) random.nextInt();
            }
            judge(random.nextBoolean() ? bytes : Samples.cut(bytes, random.nextInt(bytes.length)), format, run);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00FF",
                "\u00FF\u00F3",
                "\u00FF\u00F3\u0064\u00C4",
                "\u00FF\u00F3\u0064\u00C4x",
                "\u00FF\u00FB\u00E0\u0000",
                "\u00FF\u00F1\u0058\u0040\0\u00FF\0",
                "ID3",
                "TAG",
                "I",
                "ID3\u0004\0\0\0\0\0\0",
                "APETAGEX",
                "OggS",
                "RIFF\0\0\0\0WAVE",
                "RIFFxxxxWAVEfmt \0\0\0\0",
                "fLaC\0\0\0\0",
                "\u00FF\u00F8\u0069\u0008",
                "Info",
                "\0"
            })
    void timeIsLinearForWhatLooksLikeABeginningAgainAndAgain(String pattern) {
        byte[] bytes = Samples.latin(pattern.repeat(8_000_000 / pattern.length()));
        // A few milliseconds for each; a look back or far ahead at each byte would take hours.
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (AudioFormat format : AudioFormat.values()) {
                judge(bytes, format, 0);
            }
        });
    }

    @Test
    void flacFramesThatNeverEndAreReadOnce() {
        byte[] flac = Samples.fixture("ffmpeg-pipe.flac");
        byte[] noise = new byte[8_000_000];
        new Random(1).nextBytes(noise);
        byte[] bytes = Samples.concat(Samples.cut(flac, flac.length / 2), noise);

        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> judge(bytes, AudioFormat.FLAC, 0));
    }

    private static void judge(byte[] bytes, AudioFormat format, int run) {
        try {
            assertNotNull(AudioInspector.inspect(new ByteArrayInputStream(bytes), format)
                    .duration());
        } catch (BadAudioException e) {
            assertNotNull(e.failure());
        } catch (RuntimeException | IOException e) {
            fail("run " + run + " of " + format, e);
        }
    }

    private static void splice(byte[] bytes, byte[] magic, Random random) {
        int at = random.nextBoolean() ? 0 : random.nextInt(bytes.length + 1);
        System.arraycopy(magic, 0, bytes, at, Math.min(magic.length, bytes.length - at));
    }
}
