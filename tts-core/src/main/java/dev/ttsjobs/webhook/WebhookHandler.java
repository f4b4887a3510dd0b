package dev.ttsjobs.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.job.Job;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Posts the end of a job to the address that its owner named, signed, as {@code {type, timestamp, data}} with a type such as
 * {@code tts.job.completed}. A job without an address is passed over. Any answer of 2xx counts as delivered; 410 ends the
 * matter; 429 and 503 may say when to come again; all else, redirects included, is tried again as the outbox does. Of an answer
 * at most 64 KB are read, in 15 seconds from the resolving of the name on, and nothing of it is kept or shown. No proxy is used:
 * it would resolve names by itself. Immutable and thread-safe; a delivery runs in the thread of its caller.
 */
public final class WebhookHandler implements JobEventHandler, AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofDays(1);
    private static final long MOST_READ = 64 * 1024;
    private static final String RETRY_AFTER = "TTS-Retry-After";
    private static final Pattern TRACE = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
    private static final MediaType JSON = MediaType.get("application/json");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final WebhookSigner signer;
    private final WebhookGuard guard;
    private final Function<Job, Optional<String>> url;
    private final Function<Job, Map<String, ?>> data;
    private final Consumer<Attempt> attempts;
    private final InstantSource clock;
    private final OkHttpClient client;

    private WebhookHandler(Builder builder) {
        signer = builder.signer;
        guard = builder.guard;
        url = builder.url;
        data = builder.data;
        attempts = builder.attempts;
        clock = builder.clock;
        client = builder.client
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false)
                .proxy(Proxy.NO_PROXY)
                .cookieJar(CookieJar.NO_COOKIES)
                .protocols(List.of(Protocol.HTTP_1_1))
                // A connection that was kept would not be vetted again.
                .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
                .callTimeout(builder.deadline)
                .addNetworkInterceptor(WebhookHandler::hideRetryAfter)
                .dns(host -> vetted(host, builder.names))
                .socketFactory(new VettedSockets(guard, builder.route))
                .build();
    }

    /**
     * Settings for a handler.
     *
     * @param url where a job's end is to be told; empty for nowhere
     */
    public static Builder builder(WebhookSigner signer, Function<Job, Optional<String>> url) {
        return new Builder(signer, url);
    }

    /**
     * One attempt, for metrics and logs; holds neither the address nor anything of the answer.
     *
     * @param outcome a short word: {@code delivered}, {@code gone}, {@code refused}, {@code unreachable}, {@code timeout},
     *     or {@code status} for an answer that was no success
     * @param status of the answer; 0 when there was none
     */
    public record Attempt(JobEvent event, String outcome, int status) {}

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public void handle(JobEvent event) throws Undelivered {
        Optional<String> address = url.apply(event.job());
        if (address.isEmpty()) {
            return;
        }
        Optional<String> problem = guard.problem(address.get());
        if (problem.isPresent()) {
            note(event, "refused", 0);
            throw Undelivered.forGood("the address " + problem.get());
        }
        Call call = client.newCall(request(event, address.get()));
        try (Response response = call.execute()) {
            readALittle(call, response);
            judge(event, response);
        } catch (WebhookGuard.Refused e) {
            note(event, "refused", 0);
            throw Undelivered.again("the host leads into a private network");
        } catch (InterruptedIOException e) {
            note(event, "timeout", 0);
            throw Undelivered.again("no answer in time");
        } catch (IOException e) {
            note(event, "unreachable", 0);
            throw Undelivered.again(words(e));
        }
    }

    private Request request(JobEvent event, String address) {
        byte[] body = body(event);
        Request.Builder request = new Request.Builder()
                .url(address)
                .header("User-Agent", "tts-jobs")
                .header("Accept-Encoding", "identity")
                .post(RequestBody.create(body, JSON));
        signer.headers(event.id(), clock.instant(), body).forEach(request::header);
        String trace = event.job().details().attributes().get(Job.TRACEPARENT);
        if (trace != null && TRACE.matcher(trace).matches()) {
            request.header(Job.TRACEPARENT, trace);
        }
        return request.build();
    }

    private byte[] body(JobEvent event) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "tts.job." + event.job().status().name().toLowerCase(Locale.ROOT));
        body.put("timestamp", event.at().truncatedTo(ChronoUnit.MILLIS).toString());
        body.put("data", data.apply(event.job()));
        try {
            return MAPPER.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the data of a webhook are not to be written as JSON", e);
        }
    }

    /** What a webhook tells unless the host says otherwise: thin, so that nothing is in it that a receiver may not see. */
    private static Map<String, @Nullable Object> thin(Job job) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("jobId", job.id().toString());
        data.put("reference", job.details().reference());
        data.put("status", job.status().name().toLowerCase(Locale.ROOT));
        data.put("totalPhrases", job.progress().total());
        data.put("processedCount", job.progress().processed());
        data.put("failedCount", job.progress().failed());
        data.put("errorMessage", job.progress().errorMessage());
        return data;
    }

    /** So that a decent receiver is not cut off; one that goes on and on is. Its status counts all the same. */
    private static void readALittle(Call call, Response response) {
        try {
            response.body().source().request(MOST_READ);
        } catch (IOException e) {
            // The status was said; how the rest came is of no interest.
        }
        call.cancel();
    }

    private void judge(JobEvent event, Response response) throws Undelivered {
        int status = response.code();
        if (response.isSuccessful()) {
            note(event, "delivered", status);
            return;
        }
        if (status == 410) {
            note(event, "gone", status);
            throw Undelivered.forGood("the receiver answered 410: it wants no more");
        }
        note(event, "status", status);
        String message = "the receiver answered " + status;
        Duration pause = status == 429 || status == 503 ? retryAfter(response) : Duration.ZERO;
        throw pause.isZero() ? Undelivered.again(message) : Undelivered.againAfter(message, pause);
    }

    /** The client would call again by itself for a {@code Retry-After: 0}, and break on a number that is too long. */
    private static Response hideRetryAfter(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        String header = response.header("Retry-After");
        return header == null
                ? response
                : response.newBuilder()
                        .removeHeader("Retry-After")
                        .header(RETRY_AFTER, header)
                        .build();
    }

    private Duration retryAfter(Response response) {
        String header = response.header(RETRY_AFTER, "").trim();
        Duration pause = Duration.ZERO;
        if (header.matches("[0-9]+")) {
            pause = header.length() > 9 ? LONGEST_PAUSE : Duration.ofSeconds(Long.parseLong(header));
        } else {
            try {
                Instant until = DateTimeFormatter.RFC_1123_DATE_TIME.parse(header, Instant::from);
                pause = Duration.between(clock.instant(), until);
            } catch (DateTimeException e) {
                // Junk says nothing, and the usual pause is kept.
            }
        }
        if (pause.isNegative()) {
            return Duration.ZERO;
        }
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private List<InetAddress> vetted(String host, Dns names) throws UnknownHostException {
        List<InetAddress> addresses = names.lookup(host);
        guard.vet(addresses);
        return addresses;
    }

    /** Never the exception's own words: they may tell of the network around the server. */
    private static String words(IOException e) {
        if (e instanceof UnknownHostException) {
            return "the host is not known";
        }
        return e instanceof SSLException
                ? "no secure connection: the certificate is not good, or there is none"
                : "no connection, or it broke";
    }

    private void note(JobEvent event, String outcome, int status) {
        attempts.accept(new Attempt(event, outcome, status));
    }

    /** Cuts the deliveries that are under way. */
    @Override
    public void close() {
        client.dispatcher().cancelAll();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    /** Builds a {@link WebhookHandler}. Not thread-safe. */
    public static final class Builder {

        private final WebhookSigner signer;
        private final Function<Job, Optional<String>> url;
        private final OkHttpClient.Builder client = new OkHttpClient.Builder();
        private WebhookGuard guard = WebhookGuard.PUBLIC_ONLY;
        private Function<Job, Map<String, ?>> data = WebhookHandler::thin;
        private Consumer<Attempt> attempts = attempt -> {};
        private InstantSource clock = InstantSource.system();
        private Dns names = Dns.SYSTEM;
        private Duration deadline = DEADLINE;
        private UnaryOperator<SocketAddress> route = UnaryOperator.identity();

        private Builder(WebhookSigner signer, Function<Job, Optional<String>> url) {
            this.signer = Objects.requireNonNull(signer, "signer");
            this.url = Objects.requireNonNull(url, "url");
        }

        /** Where webhooks may go; {@link WebhookGuard#PUBLIC_ONLY} by default. */
        public Builder guard(WebhookGuard guard) {
            this.guard = Objects.requireNonNull(guard, "guard");
            return this;
        }

        /** What is told of a job, as Jackson writes it; by default its id, reference, status, counts and error message. */
        public Builder data(Function<Job, Map<String, ?>> data) {
            this.data = Objects.requireNonNull(data, "data");
            return this;
        }

        /** Hears of each attempt, in the delivering thread; must be fast and not throw. */
        public Builder onAttempt(Consumer<Attempt> attempts) {
            this.attempts = Objects.requireNonNull(attempts, "attempts");
            return this;
        }

        /** The time that is signed; the machine's clock by default. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        Builder names(Dns names) {
            this.names = names;
            return this;
        }

        Builder deadline(Duration deadline) {
            this.deadline = deadline;
            return this;
        }

        Builder route(UnaryOperator<SocketAddress> route) {
            this.route = route;
            return this;
        }

        OkHttpClient.Builder client() {
            return client;
        }

        public WebhookHandler build() {
            return new WebhookHandler(this);
        }
    }
}
