package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The two engines that speak. What needs espeak-ng is skipped where that is not installed. */
class SpokenVoiceTest {

    private static final String ENGLISH = "Your order has shipped and should arrive on Tuesday, the fourth of March.";
    private static final String FRENCH = "Votre commande a été expédiée et devrait arriver le mardi quatre mars.";
    private static final FreeTtsVoice FREETTS = new FreeTtsVoice();

    private enum Speaker {
        ESPEAK,
        FREETTS;

        VoiceEngine engine() throws IOException {
            if (this == FREETTS) {
                return SpokenVoiceTest.FREETTS;
            }
            var espeak = EspeakVoice.find(String.valueOf(System.getenv("PATH")));
            assumeTrue(espeak.isPresent(), "espeak-ng is not installed");
            return espeak.get();
        }
    }

    @AfterAll
    static void close() {
        FREETTS.close();
    }

    @ParameterizedTest
    @EnumSource(Speaker.class)
    void englishAndFrenchComeAsMp3ThatCanBeHeard(Speaker speaker) throws Exception {
        for (String text : List.of(ENGLISH, FRENCH)) {
            Sound sound = speaker.engine().speak(ToneVoiceTest.call(text, "alloy", SoundFormat.MP3, 1));
            Samples decoded = Mp3.decode(sound.bytes());
            assertEquals(4, decoded.length().toMillis() / 1000.0, 1.2);
            assertEquals(sound.length().toMillis(), decoded.length().toMillis(), 100);
            assertTrue(decoded.rms() > 0.02, "rms " + decoded.rms());
        }
    }

    @ParameterizedTest
    @EnumSource(Speaker.class)
    void anyTextWithALetterOrADigitIsHeard(Speaker speaker) throws Exception {
        List<String> texts = List.of(
                "a",
                "Z",
                "7",
                "é",
                "Ñandú",
                "Привет, как дела?",
                "Ъ",
                "你好世界",
                "日本語を話します",
                "한국어",
                "مرحبا بالعالم",
                "שלום",
                "ไทย",
                "नमस्ते",
                "Ω",
                "𝔘𝔫𝔦",
                "٣",
                "🎉 x 🎉",
                "--help",
                "$HOME `id` \"quoted\"",
                "[[h]]",
                "<speak>tag</speak>",
                "xkcdqwrtpsdfg",
                "3.14159265358979323846264338327950288",
                "http://example.org/?a=b&c=d",
                "A\u0000B\nC\tD",
                "1/2 ½ ² Ⅷ",
                "''''a''''",
                "-",
                "e".repeat(400));
        for (String text : texts) {
            Samples spoken = pcm(speaker.engine().speak(ToneVoiceTest.call(text, "alloy", SoundFormat.PCM, 1)));
            if (text.equals("-")) {
                assertEquals(300, spoken.length().toMillis(), "nothing to say is a short silence");
                continue;
            }
            double seconds = spoken.length().toMillis() / 1000.0;
            assertTrue(spoken.rms() > 0.005, text + ": rms " + spoken.rms());
            assertTrue(seconds >= Math.max(0.1, text.length() / 60.0), text + ": " + seconds + " s");
            assertTrue(seconds <= 3 + text.length() * 0.75, text + ": " + seconds + " s");
        }
    }

    @ParameterizedTest
    @EnumSource(Speaker.class)
    void theLongestTextIsSpokenToItsEnd(Speaker speaker) throws Exception {
        String text = (ENGLISH + " ").repeat(60).substring(0, 4096);
        Samples spoken = pcm(speaker.engine().speak(ToneVoiceTest.call(text, "alloy", SoundFormat.PCM, 1)));
        assertEquals(4096 / 17.0, spoken.length().toSeconds(), 60);
    }

    @ParameterizedTest
    @EnumSource(Speaker.class)
    void speedIsHonouredFromAQuarterToFourTimes(Speaker speaker) throws Exception {
        VoiceEngine engine = speaker.engine();
        double normal = pcm(engine.speak(ToneVoiceTest.call(ENGLISH, "alloy", SoundFormat.PCM, 1)))
                .length()
                .toMillis();
        for (double speed : new double[] {0.25, 0.5, 2, 4}) {
            Samples spoken = pcm(engine.speak(ToneVoiceTest.call(ENGLISH, "alloy", SoundFormat.PCM, speed)));
            assertEquals(speed, normal / spoken.length().toMillis(), speed * 0.25);
            assertTrue(spoken.rms() > 0.02, "rms " + spoken.rms());
        }
    }

    @ParameterizedTest
    @EnumSource(Speaker.class)
    void voicesSoundDifferent(Speaker speaker) throws Exception {
        VoiceEngine engine = speaker.engine();
        byte[] alloy = engine.speak(ToneVoiceTest.call(ENGLISH, "alloy", SoundFormat.PCM, 1))
                .bytes();
        byte[] verse = engine.speak(ToneVoiceTest.call(ENGLISH, "verse", SoundFormat.PCM, 1))
                .bytes();
        assertFalse(Arrays.equals(alloy, verse));
    }

    @ParameterizedTest
    @EnumSource(Speaker.class)
    void manyThreadsGetTheSoundOfTheirOwnText(Speaker speaker) throws Exception {
        VoiceEngine engine = speaker.engine();
        List<String> texts = List.of("One.", "A line of more words than the other.", "Three little words.", "Four");
        List<byte[]> alone = new java.util.ArrayList<>();
        for (String text : texts) {
            alone.add(engine.speak(ToneVoiceTest.call(text, "alloy", SoundFormat.PCM, 1))
                    .bytes());
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<byte[]>> calls = new java.util.ArrayList<>();
            for (int i = 0; i < 32; i++) {
                String text = texts.get(i % texts.size());
                calls.add(() -> engine.speak(ToneVoiceTest.call(text, "alloy", SoundFormat.PCM, 1))
                        .bytes());
            }
            List<Future<byte[]>> together = threads.invokeAll(calls);
            for (int i = 0; i < together.size(); i++) {
                int expected = alone.get(i % texts.size()).length;
                assertEquals(expected, together.get(i).get().length, expected * 0.02, "call " + i);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void espeakIsLookedForOnThePathAloneAndFreeTtsSpeaksInItsPlace(@TempDir Path empty) throws IOException {
        String path = empty.toString();
        assertEquals(
                "FreeTTS kevin16 (English accent)",
                OfflineVoiceServer.engine(VoiceServerOptions.Engine.AUTO, path).describe());
        assertThrows(IOException.class, () -> OfflineVoiceServer.engine(VoiceServerOptions.Engine.ESPEAK, path));
    }

    @Test
    void espeakTellsItsVersion() throws IOException {
        assertTrue(Speaker.ESPEAK.engine().describe().matches("espeak-ng \\d+\\.\\d+.*"));
    }

    @Test
    void aTextIsNeverReadAsAnOption(@TempDir Path folder) throws Exception {
        Path target = folder.resolve("written");
        Speaker.ESPEAK.engine().speak(ToneVoiceTest.call("-w" + target, "alloy", SoundFormat.PCM, 1));
        assertFalse(Files.exists(target));
    }

    @Test
    void doubleBracketsAreReadAsBracketsAndNotAsPhonemes() throws Exception {
        VoiceEngine espeak = Speaker.ESPEAK.engine();
        assertArrayEquals(
                espeak.speak(ToneVoiceTest.call("[ [h@l'oU] ]", "alloy", SoundFormat.PCM, 1))
                        .bytes(),
                espeak.speak(ToneVoiceTest.call("[[h@l'oU]]", "alloy", SoundFormat.PCM, 1))
                        .bytes());
    }

    @Test
    void aWavIsReadWhateverSizeItsHeaderClaims() throws IOException {
        for (int claimed : new int[] {4, 0x7ffff000, -1}) {
            Samples samples = EspeakVoice.parseWav(wav(claimed, (short) 1, (short) 16));
            assertEquals(22_050, samples.rate());
            assertEquals(List.of((short) 1, (short) -2), List.of(samples.values()[0], samples.values()[1]));
            assertEquals(2, samples.values().length);
        }
        assertThrows(IOException.class, () -> EspeakVoice.parseWav(wav(4, (short) 2, (short) 16)));
        assertThrows(IOException.class, () -> EspeakVoice.parseWav(wav(4, (short) 1, (short) 8)));
        assertThrows(IOException.class, () -> EspeakVoice.parseWav(new byte[0]));
        assertThrows(
                IOException.class,
                () -> EspeakVoice.parseWav("<html>not found</html>".getBytes(StandardCharsets.UTF_8)));
    }

    /** With a chunk of odd length in front that a reader has to step over. */
    private static byte[] wav(int claimed, short channels, short bits) {
        ByteBuffer wav = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(claimed);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        wav.putShort((short) 1)
                .putShort(channels)
                .putInt(22_050)
                .putInt(44_100)
                .putShort((short) 2)
                .putShort(bits);
        wav.put("LIST".getBytes(StandardCharsets.US_ASCII)).putInt(3).put(new byte[4]);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(claimed);
        wav.putShort((short) 1).putShort((short) -2);
        return Arrays.copyOf(wav.array(), wav.position());
    }

    private static Samples pcm(Sound sound) {
        short[] values = new short[sound.bytes().length / 2];
        ByteBuffer.wrap(sound.bytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(values);
        return new Samples(24_000, values);
    }
}
