package dev.ttsjobs.examples.voice;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Speaks through the program espeak-ng, which knows English, French and a hundred more languages. */
final class EspeakVoice implements VoiceEngine {

    private static final Pattern VERSION = Pattern.compile("text-to-speech: (\\S{1,20})");
    private static final int WORDS_A_MINUTE = 175;

    /** It goes no slower than this; what is asked for below is stretched afterwards. */
    private static final int SLOWEST = 80;

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final Path program;
    private final String version;

    /** More processes than this at once would only take the time from each other. */
    private final Semaphore processes =
            new Semaphore(Math.max(2, 2 * Runtime.getRuntime().availableProcessors()));

    private EspeakVoice(Path program, String version) {
        this.program = program;
        this.version = version;
    }

    /** Looks for espeak-ng in the folders of a search path, and asks it for its version. */
    static Optional<EspeakVoice> find(String searchPath) throws IOException {
        for (String folder : searchPath.split(Pattern.quote(File.pathSeparator))) {
            for (String name : List.of("espeak-ng", "espeak-ng.exe")) {
                Path program = Path.of(folder, name).toAbsolutePath();
                if (!folder.isEmpty() && Files.isRegularFile(program) && Files.isExecutable(program)) {
                    Optional<EspeakVoice> voice = version(program).map(found -> new EspeakVoice(program, found));
                    if (voice.isPresent()) {
                        return voice;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> version(Path program) throws IOException {
        try {
            byte[] answer = run(List.of(program.toString(), "--version"), "");
            Matcher matcher = VERSION.matcher(new String(answer, StandardCharsets.UTF_8));
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException e) {
            // A program that does not even tell its version is as good as none.
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while asking espeak-ng for its version");
        }
    }

    @Override
    public Sound speak(SpeechCall call) throws IOException, InterruptedException {
        if (!SpeakableText.sayable(call.input())) {
            return Sound.of(Samples.silence(Duration.ofMillis(300)), call.format());
        }
        Timbre timbre = Timbre.of(call.voice());
        int wanted = (int) Math.round(WORDS_A_MINUTE * call.speed());
        int rate = Math.max(SLOWEST, wanted);
        List<String> command = List.of(
                program.toString(),
                "-v",
                Language.of(call.instructions(), call.input()) + "+" + timbre.variant(),
                "-p",
                Integer.toString(timbre.pitch()),
                "-s",
                Integer.toString(rate),
                "-b",
                "1",
                "--stdin",
                "--stdout");
        processes.acquire();
        try {
            Samples spoken = parseWav(run(command, harmless(call.input())));
            if (spoken.rms() < 0.001) {
                // Letters it has no sound for: say them the way the English voice would.
                spoken = parseWav(run(command, SpeakableText.ascii(call.input())));
            }
            return Sound.of(spoken.slowed((double) rate / wanted), call.format());
        } finally {
            processes.release();
        }
    }

    @Override
    public String describe() {
        return "espeak-ng " + version;
    }

    /** Without control characters, and without the double brackets it would read phonemes between. */
    private static String harmless(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").replace("[[", "[ [").replace("]]", "] ]");
    }

    /** The text goes in through standard input alone, so that it can never be read as an option. */
    private static byte[] run(List<String> command, String text) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            // One that hangs is ended, which ends the reading below too.
            var unused = process.onExit()
                    .orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS)
                    .exceptionally(late -> process.destroyForcibly());
            // The longest text fits the pipe, so writing all of it before reading cannot block.
            try (OutputStream in = process.getOutputStream()) {
                in.write(text.getBytes(StandardCharsets.UTF_8));
            }
            byte[] output;
            try (InputStream out = process.getInputStream()) {
                output = out.readAllBytes();
            }
            if (process.waitFor() != 0) {
                throw new IOException("espeak-ng failed");
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Reads 16-bit mono samples. The sizes in the header are not trusted: written to a pipe, they are made up. */
    static Samples parseWav(byte[] wav) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
        if (wav.length < 12 || bytes.getInt(0) != 0x46464952 || bytes.getInt(8) != 0x45564157) {
            throw new IOException("espeak-ng wrote no WAV");
        }
        int rate = 0;
        int at = 12;
        while (at + 8 <= wav.length) {
            int name = bytes.getInt(at);
            long size = Integer.toUnsignedLong(bytes.getInt(at + 4));
            at += 8;
            if (name == 0x20746d66 && at + 16 <= wav.length) {
                if (bytes.getShort(at) != 1 || bytes.getShort(at + 2) != 1 || bytes.getShort(at + 14) != 16) {
                    throw new IOException("espeak-ng wrote a WAV that is not 16-bit mono");
                }
                rate = bytes.getInt(at + 4);
            } else if (name == 0x61746164 && rate > 0) {
                int length = (int) Math.min(size, wav.length - at) / 2;
                short[] samples = new short[length];
                bytes.position(at);
                bytes.asShortBuffer().get(samples);
                return new Samples(rate, samples);
            }
            at = (int) Math.min(wav.length, at + size + (size & 1));
        }
        throw new IOException("espeak-ng wrote a WAV without sound");
    }
}
