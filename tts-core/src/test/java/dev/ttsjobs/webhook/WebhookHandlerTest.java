package dev.ttsjobs.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler.Undelivered;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.time.ManualTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries to a receiver over TLS, in a small internet whose public addresses all lead to it. */
@Timeout(60)
class WebhookHandlerTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String URL = "https://hooks.example.org/tts?x=1";
    private static final String PUBLIC = "93.184.215.14";

    private static HandshakeCertificates server;
    private static HandshakeCertificates client;

    private final ManualTime time = new ManualTime();
    private final List<WebhookHandler.Attempt> attempts = new CopyOnWriteArrayList<>();
    private final List<InetAddress> connected = new CopyOnWriteArrayList<>();
    private final List<String> lookups = new CopyOnWriteArrayList<>();
    private final List<String> answersOfNames = new ArrayList<>(List.of(PUBLIC));
    private MockWebServer receiver;

    @BeforeAll
    static void certificates() {
        HeldCertificate held = new HeldCertificate.Builder()
                .addSubjectAlternativeName("hooks.example.org")
                .build();
        server = new HandshakeCertificates.Builder().heldCertificate(held).build();
        client = new HandshakeCertificates.Builder()
                .addTrustedCertificate(held.certificate())
                .build();
    }

    @BeforeEach
    void start() throws Exception {
        receiver = new MockWebServer();
        receiver.useHttps(server.sslSocketFactory());
        receiver.start(InetAddress.getLoopbackAddress(), 0);
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private WebhookHandler handler(String url) {
        return handler(url, Duration.ofSeconds(15));
    }

    private WebhookHandler handler(String url, Duration deadline) {
        WebhookHandler.Builder builder = WebhookHandler.builder(
                        WebhookSigner.of(SECRET), job -> Optional.ofNullable(url))
                .clock(time)
                .onAttempt(attempts::add)
                .names(this::lookup)
                .route(this::toReceiver)
                .deadline(deadline);
        builder.client().sslSocketFactory(client.sslSocketFactory(), client.trustManager());
        return builder.build();
    }

    /** Answers in turn; the last one stays. */
    private List<InetAddress> lookup(String host) throws UnknownHostException {
        lookups.add(host);
        String answer = answersOfNames.size() > 1 ? answersOfNames.remove(0) : answersOfNames.get(0);
        List<InetAddress> addresses = new ArrayList<>();
        for (String each : answer.split(" ")) {
            addresses.add(InetAddress.getByName(each));
        }
        return addresses;
    }

    private SocketAddress toReceiver(SocketAddress vetted) {
        connected.add(((InetSocketAddress) vetted).getAddress());
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), receiver.getPort());
    }

    private JobEvent event(JobStatus status, Map<String, String> attributes) {
        Instant now = time.instant();
        Job job = new Job(
                JobId.parse("019b5a00-0000-7000-8000-000000000001"),
                new Job.Details("ann", "deck-1", Priority.NORMAL, attributes),
                status,
                new Job.Progress(2, 2, 1, "1 of 2 phrases lack some audio. \"\r\n", null),
                Usage.NONE,
                new Job.Timeline(now, now, now, 7));
        return new JobEvent("evt-1", job, now);
    }

    private JobEvent event() {
        return event(JobStatus.COMPLETED, Map.of());
    }

    private Undelivered undelivered(MockResponse answer) {
        receiver.enqueue(answer);
        try (WebhookHandler handler = handler(URL)) {
            return assertThrows(Undelivered.class, () -> handler.handle(event()));
        }
    }

    private RecordedRequest received() throws InterruptedException {
        return java.util.Objects.requireNonNull(receiver.takeRequest(10, TimeUnit.SECONDS));
    }

    @Test
    void theEndOfAJobIsPostedAndSigned() throws Exception {
        receiver.enqueue(new MockResponse.Builder().code(204).build());
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        try (WebhookHandler handler = handler(URL)) {
            handler.handle(event(JobStatus.COMPLETED, Map.of(Job.TRACEPARENT, trace)));
            assertEquals("webhook", handler.name());
        }

        RecordedRequest request = received();
        assertEquals("POST /tts?x=1 HTTP/1.1", request.getRequestLine());
        byte[] body = request.getBody().toByteArray();
        assertEquals(
                Optional.empty(),
                WebhookSigner.of(SECRET).problem(name -> request.getHeaders().get(name), body, time.instant()));
        assertEquals("evt-1", request.getHeaders().get("webhook-id"));
        assertEquals(trace, request.getHeaders().get("traceparent"));
        assertTrue(String.valueOf(request.getHeaders().get("Content-Type")).startsWith("application/json"));
        JsonNode json = new ObjectMapper().readTree(body);
        assertEquals("tts.job.completed", json.get("type").textValue());
        assertEquals("2026-01-01T00:00:00Z", json.get("timestamp").textValue());
        assertEquals("deck-1", json.at("/data/reference").textValue());
        assertEquals(1, json.at("/data/failedCount").intValue());
        assertEquals(
                List.of("delivered"), attempts.stream().map(a -> a.outcome()).toList());
    }

    @ParameterizedTest
    @CsvSource({"COMPLETED,tts.job.completed", "FAILED,tts.job.failed", "CANCELLED,tts.job.cancelled"})
    void eachEndHasItsType(JobStatus status, String type) throws Exception {
        receiver.enqueue(new MockResponse.Builder().build());
        try (WebhookHandler handler = handler(URL)) {
            handler.handle(event(status, Map.of("traceparent", "00-x\r\nEvil: 1")));
        }
        RecordedRequest request = received();
        assertEquals(
                type,
                new ObjectMapper()
                        .readTree(request.getBody().toByteArray())
                        .get("type")
                        .textValue());
        assertNull(request.getHeaders().get("traceparent"));
    }

    @Test
    void aJobWithoutAnAddressIsPassedOver() throws Exception {
        try (WebhookHandler handler = handler(null)) {
            handler.handle(event());
        }
        assertEquals(List.of(), lookups);
        assertEquals(List.of(), attempts);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 400, 401, 404, 500, 502})
    void whatIsNoSuccessIsTriedAgain(int status) {
        Undelivered failure = undelivered(new MockResponse.Builder()
                .code(status)
                .addHeader("Location", "https://169.254.169.254/latest/meta-data")
                .addHeader("Retry-After", "7")
                .body("the secret of the receiver")
                .build());

        assertFalse(failure.isForGood());
        assertEquals(Optional.empty(), failure.pause());
        assertEquals("the receiver answered " + status, failure.getMessage());
        assertEquals(1, receiver.getRequestCount());
        assertEquals(1, connected.size());
    }

    @Test
    void goneIsGone() {
        assertTrue(undelivered(new MockResponse.Builder().code(410).build()).isForGood());
    }

    @ParameterizedTest
    @CsvSource({
        "429,120,120",
        "503,1,1",
        "503,'Thu, 01 Jan 2026 00:10:00 GMT',600",
        "429,99999999,86400",
        "429,'Wed, 31 Dec 2025 00:00:00 GMT',0",
        "503,soon,0",
        "503,-5,0",
        "503,99999999999999999999,86400",
        "503,0,0"
    })
    void theReceiverSaysWhenToComeAgain(int status, String header, long seconds) {
        Undelivered failure = undelivered(new MockResponse.Builder()
                .code(status)
                .addHeader("Retry-After", header)
                .build());
        assertEquals(Duration.ofSeconds(seconds), failure.pause().orElse(Duration.ZERO));
        assertEquals(1, receiver.getRequestCount());
        assertFalse(failure.isForGood());
    }

    @Test
    void aNameIsResolvedOnceAndItsVettedAddressCalled() throws Exception {
        answersOfNames.add("127.0.0.1");
        receiver.enqueue(new MockResponse.Builder().build());
        receiver.enqueue(new MockResponse.Builder().build());
        try (WebhookHandler handler = handler(URL)) {
            handler.handle(event());
            assertEquals(List.of("hooks.example.org"), lookups);
            assertEquals(List.of(InetAddress.getByName(PUBLIC)), connected);

            // Now the name leads home: nothing is connected to, and no kept connection is used.
            Undelivered refused = assertThrows(Undelivered.class, () -> handler.handle(event()));
            assertEquals("the host leads into a private network", refused.getMessage());
            assertFalse(refused.isForGood());
        }
        assertEquals(2, lookups.size());
        assertEquals(1, connected.size());
        assertEquals(1, receiver.getRequestCount());
        assertEquals(
                List.of("delivered", "refused"),
                attempts.stream().map(a -> a.outcome()).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.0.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "::1",
                "fd00:ec2::254",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "::ffff:10.0.0.1",
                PUBLIC + " 10.0.0.1"
            })
    void aNameThatLeadsHomeIsNotCalled(String address) {
        answersOfNames.set(0, address);
        try (WebhookHandler handler = handler(URL)) {
            Undelivered refused = assertThrows(Undelivered.class, () -> handler.handle(event()));
            assertEquals("the host leads into a private network", refused.getMessage());
        }
        assertEquals(List.of(), connected);
        assertEquals("refused", attempts.get(0).outcome());
    }

    @Test
    void anAddressThatShowsWhereItLeadsIsGivenUp() {
        try (WebhookHandler handler = handler("https://2130706433/")) {
            assertTrue(assertThrows(Undelivered.class, () -> handler.handle(event()))
                    .isForGood());
        }
        assertEquals(List.of(), connected);
        assertEquals(List.of(), lookups);
    }

    @Test
    void anEndlessAnswerIsCutOff() throws Exception {
        receiver.enqueue(new MockResponse.Builder()
                .body(new Buffer().write(new byte[1 << 20]))
                .throttleBody(64 * 1024, 1, TimeUnit.HOURS)
                .build());
        try (WebhookHandler handler = handler(URL)) {
            handler.handle(event());
        }
        assertEquals("delivered", attempts.get(0).outcome());
    }

    @Test
    void aDripOfAnAnswerDoesNotHoldTheDeliveryBeyondItsDeadline() throws Exception {
        receiver.enqueue(new MockResponse.Builder()
                .body(new Buffer().write(new byte[20 * 1024]))
                .throttleBody(16 * 1024, 10, TimeUnit.MINUTES)
                .build());
        receiver.enqueue(
                new MockResponse.Builder().headersDelay(10, TimeUnit.MINUTES).build());
        try (WebhookHandler handler = handler(URL, Duration.ofSeconds(2))) {
            handler.handle(event());
            Undelivered late = assertThrows(Undelivered.class, () -> handler.handle(event()));
            assertEquals("no answer in time", late.getMessage());
        }
        assertEquals(
                List.of("delivered", "timeout"),
                attempts.stream().map(a -> a.outcome()).toList());
    }

    @Test
    void aCertificateOfAnotherNameIsNoSecureConnection() {
        try (WebhookHandler handler = handler("https://other.example.org/")) {
            Undelivered failure = assertThrows(Undelivered.class, () -> handler.handle(event()));
            assertTrue(failure.getMessage().startsWith("no secure connection"), failure.getMessage());
        }
        assertEquals(0, receiver.getRequestCount());
    }

    @Test
    void whatKeepsFromConnectingIsSaidWithoutDetails() throws Exception {
        int port = receiver.getPort();
        receiver.close();
        try (WebhookHandler handler = handler(URL)) {
            Undelivered failure = assertThrows(Undelivered.class, () -> handler.handle(event()));
            assertEquals("no connection, or it broke", failure.getMessage());
            assertFalse(failure.getMessage().contains(Integer.toString(port)));
        }
    }
}
