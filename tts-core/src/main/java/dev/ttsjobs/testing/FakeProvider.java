package dev.ttsjobs.testing;

import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.testing.FakeConnection.Ending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A speech provider on loopback: {@code POST /v1/audio/speech} as the OpenAI API answers it, and as it should not. Lets the
 * whole client run in a unit test, over real connections, without a key and without a bill.
 *
 * <p>It checks every request against the published description, answers silent audio as long as the text takes to say
 * ({@code mp3}, {@code wav}, {@code pcm}; plain or as server-sent events), and keeps a record of every call. What it answers
 * can be changed for the next calls, for one text, or for all:
 *
 * <pre>{@code
 * try (FakeProvider provider = FakeProvider.start();
 *         OpenAiSpeechSynthesizer speech =
 *                 OpenAiSpeechSynthesizer.builder().baseUrl(provider.baseUrl()).build()) {
 *     provider.answerNext(Answer.rateLimited(Duration.ofSeconds(1)), Answer.cutSilently(500));
 *     // ... run jobs, then:
 *     assertEquals(3, provider.calls().size());
 *     assertEquals(2, provider.paid().size());
 * }
 * }</pre>
 *
 * Thread-safe; each connection has a daemon thread of its own.
 */
public final class FakeProvider implements AutoCloseable {

    private final FakePort port;
    private final InstantSource clock;
    private final FakeLimit limit = new FakeLimit();
    private final List<Call> calls = new ArrayList<>();
    private final Deque<Answer> next = new ArrayDeque<>();
    private final Map<String, Answer> byText = new HashMap<>();
    private Answer usual = Answer.audio();
    private Duration latency = Duration.ZERO;
    private @Nullable String key;

    private FakeProvider(InstantSource clock) throws IOException {
        this.clock = clock;
        port = new FakePort(this::answer);
    }

    /** Starts on a free port of the loopback address, with the system's clock. */
    public static FakeProvider start() {
        return start(InstantSource.system());
    }

    /**
     * Starts on a free port of the loopback address.
     *
     * @param clock the time that limits go by
     * @throws UncheckedIOException when no port can be had
     */
    public static FakeProvider start(InstantSource clock) {
        try {
            FakeProvider provider = new FakeProvider(clock);
            provider.port.start();
            return provider;
        } catch (IOException e) {
            throw new UncheckedIOException("no port on the loopback address", e);
        }
    }

    /** The base URL for clients, {@code /v1} included. */
    public String baseUrl() {
        return "http://127.0.0.1:" + port.number() + "/v1";
    }

    /** Refuses calls that do not bring this key; any call is welcome by default. */
    public synchronized FakeProvider requireKey(String key) {
        this.key = key;
        return this;
    }

    /**
     * Allows so many requests in any 60 s, refused ones counted too, as the provider does; says so in the rate-limit
     * headers, and refuses more with a 429. 0, the default, for no limit and no headers.
     *
     * @throws IllegalArgumentException when it is negative
     */
    public synchronized FakeProvider limit(int requestsPerMinute) {
        if (requestsPerMinute < 0) {
            throw new IllegalArgumentException("a limit is 0 or more");
        }
        limit.set(requestsPerMinute);
        return this;
    }

    /** How long every answer keeps waiting for its first byte; really waits. Zero by default. */
    public synchronized FakeProvider latency(Duration latency) {
        this.latency = latency;
        return this;
    }

    /** The next calls are answered in this order, whatever they ask. */
    public synchronized FakeProvider answerNext(Answer... answers) {
        next.addAll(List.of(answers));
        return this;
    }

    /** Every call for that text is answered so. */
    public synchronized FakeProvider answerText(String text, Answer answer) {
        byText.put(text, answer);
        return this;
    }

    /** Every call for which nothing else was said is answered so. */
    public synchronized FakeProvider answerAll(Answer answer) {
        usual = answer;
        return this;
    }

    /** Answers audio again, whatever was said before; key, limit and latency stay. */
    public synchronized FakeProvider recover() {
        next.clear();
        byText.clear();
        usual = Answer.audio();
        return this;
    }

    /** Every call so far in the order of arrival, refused ones among them. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** The calls that a real provider would have billed: those answered with audio, whole or not. */
    public synchronized List<Call> paid() {
        return calls.stream().filter(Call::paid).toList();
    }

    /** Forgets the calls so far, and what they used up of the limit. */
    public synchronized void forget() {
        calls.clear();
        limit.forget();
    }

    /** Cuts all connections and stops listening. */
    @Override
    public void close() {
        port.close();
    }

    /**
     * One call as it arrived.
     *
     * @param at when
     * @param text what was to be spoken; empty where the request could not be read
     * @param model the model that was named
     * @param voice the voice that was named, by its id if it is a custom one
     * @param format the format that was asked for, in the API's word
     * @param json the whole request body
     * @param status the status of the answer
     * @param paid whether a real provider would have billed it
     */
    public record Call(
            Instant at, String text, String model, String voice, String format, String json, int status, boolean paid) {

        /** Does not show the text. */
        @Override
        public String toString() {
            return "Call[" + text.length() + " characters, " + model + ", " + voice + ", " + format + ", " + status
                    + "]";
        }
    }

    /** What to answer to a request, decided and put on record in one step. */
    private synchronized Answer answer(FakeRequest request) {
        Instant now = clock.instant();
        boolean over = limit.isExceededBy(now);
        Answer answer = limit.told(decide(request, over, now))
                .withHeader("x-request-id", "req_fake_" + (calls.size() + 1))
                .after(latency);
        calls.add(request.recorded(now, answer.status(), answer.isAudio()));
        return answer;
    }

    private Answer decide(FakeRequest request, boolean over, Instant now) {
        Answer refused = request.refused(key);
        if (refused != null) {
            return refused;
        }
        if (over) {
            return limit.refusal(now);
        }
        Answer scripted = next.isEmpty() ? byText.getOrDefault(request.text(), usual) : next.remove();
        AudioFormat format = request.format();
        return scripted.isMadeUp() && !SilentAudio.speaks(format)
                ? Answer.rejected("unsupported_value", "this provider has no " + format.wireName() + "; script a file")
                : scripted;
    }

    /**
     * One way to answer a call. Immutable and thread-safe.
     *
     * @see FakeProvider#answerNext
     */
    public static final class Answer {

        private static final int EVERYTHING = Integer.MAX_VALUE;

        private final int status;
        private final Map<String, String> headers;
        private final byte @Nullable [] body;
        private final int bytes;
        private final Ending ending;
        private final Duration delay;
        private final boolean audio;

        private Answer(
                int status,
                Map<String, String> headers,
                byte @Nullable [] body,
                int bytes,
                Ending ending,
                Duration delay,
                boolean audio) {
            this.status = status;
            this.headers = Map.copyOf(headers);
            this.body = body;
            this.bytes = bytes;
            this.ending = ending;
            this.delay = delay;
            this.audio = audio;
        }

        private static Answer audio(byte @Nullable [] body, int bytes, Ending ending) {
            return new Answer(200, Map.of(), body, bytes, ending, Duration.ZERO, true);
        }

        /** Silence, as long as the text takes to say: what is answered unless something else was said. */
        public static Answer audio() {
            return audio(null, EVERYTHING, Ending.WHOLE);
        }

        /** That file, whatever was asked for. */
        public static Answer audio(byte[] file) {
            return audio(file.clone(), EVERYTHING, Ending.WHOLE);
        }

        /** Any status and body, with its length in a header. */
        public static Answer of(int status, String contentType, String body) {
            return new Answer(
                    status,
                    Map.of("Content-Type", contentType),
                    body.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    EVERYTHING,
                    Ending.MEASURED,
                    Duration.ZERO,
                    false);
        }

        /** An error as the API words it. */
        public static Answer error(int status, String type, String code, String message) {
            return of(status, "application/json", FakeRequest.error(type, code, message));
        }

        /** 429: slower, please, and not before that time has passed. */
        public static Answer rateLimited(Duration retryAfter) {
            long seconds = (retryAfter.toMillis() + 999) / 1000;
            return error(429, "requests", "rate_limit_exceeded", "Rate limit reached on requests per min (RPM).")
                    .withHeader("Retry-After", Long.toString(seconds));
        }

        /** 429: the account has no credit. Carries a {@code Retry-After} all the same, as some servers send it. */
        public static Answer outOfCredit() {
            return error(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota.")
                    .withHeader("Retry-After", "1");
        }

        /** 401: the key is wrong. */
        public static Answer wrongKey() {
            return error(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.");
        }

        /** 400: this text, or what goes with it, is refused. */
        public static Answer rejected(String code, String message) {
            return error(400, "invalid_request_error", code, message);
        }

        /** 500: the server failed on this request. */
        public static Answer serverError() {
            return error(500, "server_error", "", "The server had an error while processing your request.");
        }

        /** 503: nobody is served now. */
        public static Answer unavailable() {
            return error(503, "service_unavailable_error", "server_is_overloaded", "The server is overloaded.");
        }

        /** 200 with a login page, labelled as audio. */
        public static Answer loginPage() {
            return of(200, "audio/mpeg", "<!DOCTYPE html><html><head><title>Sign in</title></head></html>");
        }

        /** 200 and not one byte. */
        public static Answer empty() {
            return audio(new byte[0], 0, Ending.WHOLE);
        }

        /** So many bytes of the audio, then the connection breaks; an HTTP client can see it. */
        public static Answer cut(int bytes) {
            return audio(null, bytes, Ending.CUT);
        }

        /** So many bytes of the audio, under a header that announces all of it. */
        public static Answer shorterThanItsLength(int bytes) {
            return audio(null, bytes, Ending.CUT_SHORT);
        }

        /** So many bytes of the audio, then the connection is closed; to an HTTP client it looks like the end. */
        public static Answer cutSilently(int bytes) {
            return audio(null, bytes, Ending.CUT_SILENTLY);
        }

        /** So many bytes of the audio, then nothing, until the client gives up or the provider is closed. */
        public static Answer stalled(int bytes) {
            return audio(null, bytes, Ending.STALLED);
        }

        /** Silence without an end. */
        public static Answer endless() {
            return audio(null, EVERYTHING, Ending.ENDLESS);
        }

        /** This answer, with a header more. */
        public Answer withHeader(String name, String value) {
            Map<String, String> more = new HashMap<>(headers);
            more.put(name, value);
            return new Answer(status, more, body, bytes, ending, delay, audio);
        }

        /** This answer, so much later. */
        public Answer after(Duration more) {
            return new Answer(status, headers, body, bytes, ending, delay.plus(more), audio);
        }

        int status() {
            return status;
        }

        Map<String, String> headers() {
            return headers;
        }

        Ending ending() {
            return ending;
        }

        Duration delay() {
            return delay;
        }

        /** Whether it stands for speech that a provider would have billed. */
        boolean isAudio() {
            return audio;
        }

        /** Whether the provider has to make the body up itself. */
        boolean isMadeUp() {
            return body == null;
        }

        /** The body for a request. */
        byte[] body(FakeRequest request) {
            return body == null ? SilentAudio.of(request.text(), request.format()) : body;
        }

        /** How many bytes of a body so long are sent. */
        int sent(int length) {
            return Math.min(length, bytes);
        }
    }
}
