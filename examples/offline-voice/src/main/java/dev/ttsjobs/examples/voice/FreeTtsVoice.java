package dev.ttsjobs.examples.voice;

import com.sun.speech.freetts.Voice;
import com.sun.speech.freetts.audio.AudioPlayer;
import com.sun.speech.freetts.en.us.cmu_us_kal.KevinVoiceDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import javax.sound.sampled.AudioFormat;
import org.jspecify.annotations.Nullable;

/**
 * Speaks in this process through FreeTTS, an American voice in plain Java; other languages get its accent. One text at a
 * time, as FreeTTS cannot do more. The voice is loaded when the first text comes.
 */
final class FreeTtsVoice implements VoiceEngine {

    /** A longer text without a full stop would be one phrase, and a phrase takes memory with its length. */
    private static final int PIECE = 300;

    private @Nullable Voice voice;

    @Override
    public Sound speak(SpeechCall call) throws IOException {
        if (!SpeakableText.sayable(call.input())) {
            return Sound.of(Samples.silence(Duration.ofMillis(300)), call.format());
        }
        Samples spoken = say(SpeakableText.ascii(call.input()), Timbre.of(call.voice()), call.speed());
        double least = call.characters() / 60.0 / call.speed();
        boolean heard = spoken.rms() > 0.001 && spoken.length().toMillis() / 1000.0 >= least;
        // Where the voice has nothing to say for the letters, a tone for each of them does.
        return heard ? Sound.of(spoken, call.format()) : new ToneVoice().speak(call);
    }

    @Override
    public String describe() {
        return "FreeTTS kevin16 (English accent)";
    }

    @Override
    public synchronized void close() {
        if (voice != null) {
            voice.deallocate();
            voice = null;
        }
    }

    private synchronized Samples say(String text, Timbre timbre, double speed) throws IOException {
        if (voice == null) {
            voice = load();
        }
        Capture capture = new Capture();
        voice.setAudioPlayer(capture);
        voice.setPitch(timbre.hertz());
        voice.setDurationStretch((float) (1 / speed));
        for (String piece : SpeakableText.pieces(text, PIECE)) {
            if (SpeakableText.sayable(piece)) {
                voice.speak(piece);
            }
        }
        return capture.samples();
    }

    private static Voice load() throws IOException {
        Voice kevin = Arrays.stream(new KevinVoiceDirectory().getVoices())
                .filter(candidate -> candidate.getName().equals("kevin16"))
                .findFirst()
                .orElseThrow(() -> new IOException("FreeTTS has no voice kevin16"));
        kevin.allocate();
        return kevin;
    }

    /** Takes what FreeTTS would play. */
    private static final class Capture implements AudioPlayer {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private AudioFormat format = new AudioFormat(16_000, 16, 1, true, true);
        private float volume = 1;

        synchronized Samples samples() {
            ByteOrder order = format.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            short[] values = new short[bytes.size() / 2];
            ByteBuffer.wrap(bytes.toByteArray()).order(order).asShortBuffer().get(values);
            return new Samples((int) format.getSampleRate(), values);
        }

        @Override
        public synchronized void setAudioFormat(AudioFormat format) {
            this.format = format;
        }

        @Override
        public synchronized AudioFormat getAudioFormat() {
            return format;
        }

        @Override
        public synchronized boolean write(byte[] data) {
            return write(data, 0, data.length);
        }

        @Override
        public synchronized boolean write(byte[] data, int offset, int length) {
            bytes.write(data, offset, length);
            return true;
        }

        @Override
        public boolean drain() {
            return true;
        }

        @Override
        public boolean end() {
            return true;
        }

        @Override
        public float getVolume() {
            return volume;
        }

        @Override
        public void setVolume(float volume) {
            this.volume = volume;
        }

        @Override
        public long getTime() {
            return -1;
        }

        // What follows steers a loudspeaker, and there is none.

        @Override
        public void begin(int size) {}

        @Override
        public void pause() {}

        @Override
        public void resume() {}

        @Override
        public void reset() {}

        @Override
        public void cancel() {}

        @Override
        public void close() {}

        @Override
        public void resetTime() {}

        @Override
        public void startFirstSampleTimer() {}

        @Override
        public void showMetrics() {}
    }
}
