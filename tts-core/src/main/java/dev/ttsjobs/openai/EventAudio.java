package dev.ttsjobs.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.TokenUsage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * The audio inside a stream of server-sent events. Its end is the {@code speech.audio.done} event, which alone proves that
 * nothing is missing and names the exact usage. Holds one event at a time. For one thread.
 */
final class EventAudio extends InputStream {

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** Far above what servers put into one event; bounds the memory. */
    private static final long LONGEST_LINE = 1 << 20;

    private final BufferedSource source;
    private final ProviderHints hints;
    private final Function<ErrorBody, Failure> classifier;
    private byte[] chunk = {};
    private int position;
    private boolean done;
    private @Nullable TokenUsage usage;

    /** @param classifier what an error event means */
    EventAudio(BufferedSource source, ProviderHints hints, Function<ErrorBody, Failure> classifier) {
        this.source = source;
        this.hints = hints;
        this.classifier = classifier;
    }

    /**
     * Reads on until there is audio to give out.
     *
     * @return false at the end
     * @throws SpeechException on an error event, a broken one, or an end without {@code speech.audio.done}
     */
    boolean request() throws IOException {
        while (position == chunk.length && !done) {
            String line = line();
            // One line is one event in every server of the family; names, ids, comments and blank lines say nothing
            // more.
            if (line.startsWith("data:")) {
                take(line.substring("data:".length()).strip());
            }
        }
        return position < chunk.length;
    }

    Optional<TokenUsage> usage() {
        return Optional.ofNullable(usage);
    }

    @Override
    public int read() throws IOException {
        return request() ? chunk[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (!request()) {
            return -1;
        }
        int n = Math.min(length, chunk.length - position);
        System.arraycopy(chunk, position, buffer, offset, n);
        position += n;
        return n;
    }

    private String line() throws IOException {
        long end = source.indexOf((byte) '\n', 0, LONGEST_LINE);
        if (end < 0 && source.request(LONGEST_LINE)) {
            throw bad("An event is larger than " + LONGEST_LINE + " bytes.");
        }
        if (end < 0 && source.exhausted()) {
            throw new SpeechException(
                    Failure.of(
                            FailureKind.TRANSPORT,
                            "stream_incomplete",
                            "The events ended before the one that says that the audio is whole."),
                    hints,
                    null);
        }
        if (end < 0) {
            return source.readUtf8();
        }
        String line = source.readUtf8(end);
        source.skip(1);
        return line;
    }

    private void take(String data) {
        if (data.isEmpty() || data.equals("[DONE]")) {
            return;
        }
        JsonNode event = parse(data);
        switch (event.path("type").asText()) {
            case "speech.audio.delta" -> {
                chunk = decode(event.path("audio").asText());
                position = 0;
            }
            case "speech.audio.done" -> {
                usage = usage(event.path(event.has("usage") ? "usage" : "token_usage"));
                done = true;
            }
            default -> {
                ErrorBody error = event.has("error") ? ErrorBody.of(event) : null;
                if (error != null) {
                    throw new SpeechException(classifier.apply(error), hints, null);
                }
            }
        }
    }

    private JsonNode parse(String data) {
        try {
            return JSON.readTree(data);
        } catch (IOException e) {
            // Its message may quote the data, so it is not kept.
            throw bad("An event is not JSON.");
        }
    }

    private byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw bad("The audio in an event is not Base64.");
        }
    }

    /** The counts; null when there are none, and for servers that put zeros there because they do not count. */
    private static @Nullable TokenUsage usage(JsonNode counts) {
        long input = counts.path("input_tokens").asLong();
        long output = counts.path("output_tokens").asLong();
        return input >= 0 && output >= 0 && input + output > 0 ? new TokenUsage(input, output) : null;
    }

    private SpeechException bad(String message) {
        return new SpeechException(Failure.of(FailureKind.BAD_AUDIO, "bad_event", message), hints, null);
    }
}
