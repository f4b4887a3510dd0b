package dev.ttsjobs.openai;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Speaks through the OpenAI speech API ({@code POST /audio/speech}), or any server that speaks it. Each call is one HTTP
 * request: nothing is tried again and no redirect is followed here. The audio is streamed; of any other answer at most 64 KB
 * are read. Immutable and thread-safe; a call runs in the thread of its caller.
 */
public final class OpenAiSpeechSynthesizer implements SpeechSynthesizer {

    private final OkHttpClient client;
    private final boolean ownsConnections;
    private final Request template;
    private final String server;
    private final String account;
    private final String family;
    private final @Nullable ApiKey key;
    private final OpenAiDeadlines deadlines;
    private final long maxBytes;
    private final boolean verifyWithEvents;
    private final InstantSource clock;

    private OpenAiSpeechSynthesizer(Builder settings) {
        HttpUrl endpoint =
                settings.baseUrl.newBuilder().addPathSegments("audio/speech").build();
        client = settings.client();
        ownsConnections = settings.shared == null;
        template = settings.template(endpoint);
        server = endpoint.host() + ":" + endpoint.port();
        account = settings.account();
        family = settings.family;
        key = settings.key;
        deadlines = settings.deadlines;
        maxBytes = settings.maxBytes;
        verifyWithEvents = settings.verifyWithEvents;
        clock = settings.clock;
    }

    /** Settings for a synthesizer; without any it calls the provider itself, with no key. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
        int characters = request.text().length();
        boolean events = verifyWithEvents && SpeechRequestJson.takesEvents(request.voice());
        CallProgress progress = new CallProgress(deadlines.firstByteFor(characters));
        Request post = template.newBuilder()
                .tag(CallProgress.class, progress)
                .post(new JsonBody(SpeechRequestJson.write(request, events)))
                .build();
        Call call = client.newCall(post);
        call.timeout().timeout(deadlines.totalFor(characters).toNanos(), TimeUnit.NANOSECONDS);
        handle.onAbort(call::cancel);

        TransportFailures failures = new TransportFailures(handle, server);
        Response response;
        try {
            response = call.execute();
        } catch (IOException e) {
            Failure failure = progress.connected() ? failures.beforeAudio(e) : failures.beforeConnection(e);
            throw new SpeechException(failure, ProviderHints.NONE, TransportFailures.cause(e));
        }
        Redaction redaction = new Redaction(key, request.text());
        ErrorClassifier classifier =
                new ErrorClassifier(redaction, template.url().toString());
        long limit = maxBytes > 0 ? maxBytes : AudioBody.limitFor(request);
        return new SpeechAnswer(call, response, failures, classifier, clock, deadlines.idle()).audio(events, limit);
    }

    @Override
    public String account() {
        return account;
    }

    @Override
    public String family() {
        return family;
    }

    /** Cuts the calls that are under way and closes the connections, except those of a client that was handed in. */
    @Override
    public void close() {
        client.dispatcher().cancelAll();
        if (ownsConnections) {
            client.connectionPool().evictAll();
        }
    }

    /** The endpoint and the account, without the key. */
    @Override
    public String toString() {
        return "OpenAiSpeechSynthesizer[" + template.url() + ", " + account + "]";
    }

    /** Settings for an {@link OpenAiSpeechSynthesizer}. Not thread-safe. */
    public static final class Builder {

        private static final String PROVIDER = "https://api.openai.com/v1";
        private static final int MOST_OF_A_HOST = 70;

        /** Connections kept for 64 callers at once. */
        private static final int CONNECTIONS = 64;

        /** Shorter than common servers keep an idle connection (5 s), so that a call never goes out on one they closed. */
        private static final Duration KEEP_ALIVE = Duration.ofSeconds(4);

        private HttpUrl baseUrl = HttpUrl.get(PROVIDER);
        private @Nullable ApiKey key;
        private @Nullable String organization;
        private @Nullable String project;
        private String family = DEFAULT_FAMILY;
        private OpenAiDeadlines deadlines = OpenAiDeadlines.STANDARD;
        private long maxBytes;
        private boolean verifyWithEvents;
        private @Nullable OkHttpClient shared;
        private InstantSource clock = InstantSource.system();

        private Builder() {}

        /**
         * The key to send; null or blank for none, and then no {@code Authorization} header is sent.
         *
         * @throws IllegalArgumentException when it cannot stand in a header; the message does not show it
         */
        public Builder apiKey(@Nullable String key) {
            this.key = key == null || key.isBlank() ? null : ApiKey.of(key);
            return this;
        }

        /** The key to send. */
        public Builder apiKey(ApiKey key) {
            this.key = Objects.requireNonNull(key, "key");
            return this;
        }

        /**
         * Where the API is, with its path prefix, as the official SDKs read it: {@code https://api.openai.com/v1} by default,
         * {@code http://localhost:8880/v1} for a server nearby. A slash at the end makes no difference.
         *
         * @throws IllegalArgumentException when it is no http or https URL, or holds a user name, a query or a fragment
         */
        public Builder baseUrl(String baseUrl) {
            HttpUrl url = HttpUrl.parse(Objects.requireNonNull(baseUrl, "baseUrl"));
            if (url == null) {
                throw new IllegalArgumentException(
                        "the base URL must be a whole http or https URL, such as http://localhost:8880/v1");
            }
            if (!url.username().isEmpty() || !url.password().isEmpty()) {
                throw new IllegalArgumentException("the base URL must not hold a user name or password; use apiKey");
            }
            if (url.query() != null || url.fragment() != null) {
                throw new IllegalArgumentException("the base URL must not hold a query or a fragment");
            }
            HttpUrl.Builder trimmed = url.newBuilder();
            for (int i = url.pathSize() - 1; i >= 0 && url.pathSegments().get(i).isEmpty(); i--) {
                trimmed.removePathSegment(i);
            }
            HttpUrl base = trimmed.build();
            if (base.encodedPath().endsWith("/audio/speech")) {
                throw new IllegalArgumentException("the base URL must end before /audio/speech, which is added to it");
            }
            this.baseUrl = base;
            return this;
        }

        /**
         * The organization to send as {@code OpenAI-Organization}; null for none.
         *
         * @throws IllegalArgumentException when it cannot stand in a header
         */
        public Builder organization(@Nullable String organization) {
            this.organization = headerText(organization, "the organization");
            return this;
        }

        /**
         * The project to send as {@code OpenAI-Project}; null for none.
         *
         * @throws IllegalArgumentException when it cannot stand in a header
         */
        public Builder project(@Nullable String project) {
            this.project = headerText(project, "the project");
            return this;
        }

        /**
         * The family of endpoints whose audio is interchangeable; {@code openai} by default. Name another one for a server
         * whose voices are its own ({@code kokoro}), so that its audio is never taken for the provider's.
         *
         * @throws IllegalArgumentException when it is not 1 to 40 characters of {@code [a-z0-9._-]}
         */
        public Builder family(String family) {
            if (!Objects.requireNonNull(family, "family").matches("[a-z0-9._-]{1,40}")) {
                throw new IllegalArgumentException(
                        "the family must be 1 to 40 characters of a-z, 0-9, '.', '_' and '-'");
            }
            this.family = family;
            return this;
        }

        /** How long a call may take; {@link OpenAiDeadlines#STANDARD} by default. */
        public Builder deadlines(OpenAiDeadlines deadlines) {
            this.deadlines = Objects.requireNonNull(deadlines, "deadlines");
            return this;
        }

        /**
         * The most bytes one answer may have. By default it grows with the text: 8 MiB and 16 KiB for each character, or
         * 64 KiB in formats that are not compressed with loss, the latter divided by speeds below 1.0.
         *
         * @throws IllegalArgumentException when it is not positive
         */
        public Builder maxBytes(long maxBytes) {
            if (maxBytes < 1) {
                throw new IllegalArgumentException("maxBytes must be positive");
            }
            this.maxBytes = maxBytes;
            return this;
        }

        /**
         * Whether to ask for the audio as server-sent events, whose last one proves that the audio is whole and names the
         * exact usage; false by default. Models that cannot ({@code tts-1}, {@code tts-1-hd}) and servers that send plain
         * audio all the same are taken as they are. Costs a third more bytes on the way.
         */
        public Builder verifyWithEvents(boolean verifyWithEvents) {
            this.verifyWithEvents = verifyWithEvents;
            return this;
        }

        /**
         * A client whose connections, proxy and TLS settings are shared. Its timeouts, retries, redirects, cache and
         * cookies are not used, and {@link OpenAiSpeechSynthesizer#close()} leaves its connections alone.
         */
        public Builder httpClient(OkHttpClient client) {
            this.shared = Objects.requireNonNull(client, "client");
            return this;
        }

        Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        public OpenAiSpeechSynthesizer build() {
            return new OpenAiSpeechSynthesizer(this);
        }

        private OkHttpClient client() {
            OkHttpClient.Builder client = shared != null
                    ? shared.newBuilder()
                    : new OkHttpClient.Builder()
                            .connectionPool(
                                    new ConnectionPool(CONNECTIONS, KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS));
            return client.dispatcher(new Dispatcher())
                    .connectTimeout(deadlines.connect())
                    .writeTimeout(deadlines.connect())
                    .callTimeout(Duration.ZERO)
                    .retryOnConnectionFailure(false)
                    .followRedirects(false)
                    .followSslRedirects(false)
                    .cookieJar(CookieJar.NO_COOKIES)
                    .cache(null)
                    .addInterceptor(CallProgress::limitSilence)
                    .addNetworkInterceptor(CallProgress::noteConnection)
                    .addNetworkInterceptor(CallProgress::cutRetryAfter)
                    .build();
        }

        private Request template(HttpUrl endpoint) {
            Request.Builder request = new Request.Builder()
                    .url(endpoint)
                    .header("User-Agent", "tts-jobs")
                    .header("Accept", "*/*")
                    // Audio does not shrink, and its length should be the one that the server named.
                    .header("Accept-Encoding", "identity");
            if (key != null) {
                request.header("Authorization", "Bearer " + key.reveal());
            }
            if (organization != null) {
                request.header("OpenAI-Organization", organization);
            }
            if (project != null) {
                request.header("OpenAI-Project", project);
            }
            return request.build();
        }

        /** Names the purse: equal for all that share an address, a key, an organization and a project. */
        private String account() {
            String purse = String.join(
                    "\n",
                    baseUrl.toString(),
                    key == null ? "" : key.reveal(),
                    Objects.requireNonNullElse(organization, ""),
                    Objects.requireNonNullElse(project, ""));
            String host = baseUrl.host().replaceAll("[^A-Za-z0-9._:-]", "-");
            boolean plainPort = baseUrl.port() == HttpUrl.defaultPort(baseUrl.scheme());
            return "openai:"
                    + host.substring(0, Math.min(MOST_OF_A_HOST, host.length()))
                    + (plainPort ? "" : ":" + baseUrl.port())
                    + ":"
                    + HexFormat.of().formatHex(sha256(purse), 0, 6);
        }

        private static byte[] sha256(String text) {
            try {
                return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        private static @Nullable String headerText(@Nullable String value, String what) {
            if (value == null || value.isBlank()) {
                return null;
            }
            ApiKey.requireHeaderText(value, what);
            return value;
        }

        /** The address, without the key. */
        @Override
        public String toString() {
            return "OpenAiSpeechSynthesizer.Builder[" + baseUrl + "]";
        }
    }
}
