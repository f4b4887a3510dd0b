package dev.ttsjobs.examples.voice;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ttsjobs.examples.voice.LoopbackHttp.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code POST /v1/audio/speech}: checks, limits, speaks, and spoils the answer when it was told to. */
final class SpeechDesk {

    private static final Logger log = LoggerFactory.getLogger(SpeechDesk.class);
    private static final int PART = 8 * 1024;
    private static final int SLOW_STEPS = 20;

    /** $12 a million audio tokens are about $0.015 a minute: 1,250 tokens a minute. */
    private static final double TOKENS_A_SECOND = 1250 / 60.0;

    private final VoiceServerOptions options;
    private final VoiceEngine engine;
    private final VoiceClock clock;
    private final FaultDice dice;
    private final VoiceLedger ledger;
    private final @Nullable Meter requests;
    private final @Nullable Meter tokens;
    private final AtomicLong count = new AtomicLong();

    SpeechDesk(VoiceServerOptions options, VoiceEngine engine, VoiceClock clock, FaultDice dice, VoiceLedger ledger) {
        this.options = options;
        this.engine = engine;
        this.clock = clock;
        this.dice = dice;
        this.ledger = ledger;
        RateLimit limit = options.rateLimit();
        this.requests =
                limit.requestsPerMinute() == 0 ? null : new Meter(limit.requestsPerMinute(), limit.burst(), clock);
        this.tokens = limit.tokensPerMinute() == 0
                ? null
                : new Meter(limit.tokensPerMinute(), limit.tokensPerMinute(), clock);
    }

    void answer(Request request, HttpReply reply) throws IOException, InterruptedException {
        long started = clock.nanos();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-request-id", String.format("req_%016x", count.incrementAndGet()));
        ledger.enter();
        try {
            checkKey(request);
            if (requests != null) {
                take(requests, 1, "requests", "", headers);
            }
            SpeechCall call = SpeechCall.parse(request.body());
            if (tokens != null) {
                take(tokens, call.inputTokens(), "tokens", call.model(), headers);
            }
            serve(call, dice.next(call.input()), started, headers, reply);
        } catch (SpeechRefusal refusal) {
            headers.put("Content-Type", "application/json");
            headers.putAll(refusal.headers());
            headers.put("openai-processing-ms", Long.toString(since(started).toMillis()));
            ledger.answered(refusal.status());
            reply.whole(refusal.status(), headers, refusal.body());
        } finally {
            ledger.leave();
        }
    }

    private void serve(SpeechCall call, FaultKind fault, long started, Map<String, String> headers, HttpReply reply)
            throws SpeechRefusal, IOException, InterruptedException {
        VoiceFaults faults = dice.faults();
        if (fault != FaultKind.NONE) {
            ledger.played(fault);
        }
        if (fault == FaultKind.HANG_UP) {
            return;
        }
        refuse(fault, faults.retryAfter());
        VoiceLedger.@Nullable Entry bill = fault.billed() ? ledger.bill(call, clock.instant()) : null;
        byte[] body = new byte[0];
        if (fault == FaultKind.HTML) {
            headers.put("Content-Type", "text/html; charset=utf-8");
            body = "<!DOCTYPE html><title>Sign in</title><p>Welcome to our network. Please sign in."
                    .getBytes(StandardCharsets.UTF_8);
        } else if (fault == FaultKind.JSON_ERROR) {
            headers.put("Content-Type", "application/json");
            body = serverError(500, null, "The server had an error while processing your request.")
                    .body();
        } else {
            headers.put(
                    "Content-Type",
                    call.events() ? "text/event-stream" : call.format().mediaType());
            if (fault != FaultKind.EMPTY) {
                Sound sound = speak(call);
                body = call.events() ? events(call, sound) : sound.bytes();
            }
        }
        clock.sleep(options.latency().of(call).minus(since(started)));
        headers.put("openai-processing-ms", Long.toString(since(started).toMillis()));
        ledger.answered(200);
        send(body, fault, faults.pause(), headers, reply);
        // The last bytes leave after this: whoever has them finds the call in the ledger as sent and no longer in hand.
        if (bill != null && reply.complete() && fault != FaultKind.EMPTY) {
            ledger.sent(bill);
        }
    }

    private Sound speak(SpeechCall call) throws SpeechRefusal, InterruptedException {
        try {
            return engine.speak(call);
        } catch (IOException | RuntimeException e) {
            log.warn("The voice failed on {}", call, e);
            throw serverError(500, null, "The offline voice failed to speak.");
        }
    }

    /** Sends a good answer, or one broken in the way asked for. */
    private void send(byte[] body, FaultKind fault, Duration pause, Map<String, String> headers, HttpReply reply)
            throws IOException, InterruptedException {
        int part = body.length * 2 / 5;
        switch (fault) {
            case CUT_SIZED -> {
                reply.startSized(200, headers, body.length);
                reply.raw(body, 0, part);
            }
            case CUT_UNSIZED -> {
                reply.startUnsized(200, headers);
                reply.raw(body, 0, part);
            }
            case CUT_CHUNKED -> {
                reply.startChunked(200, headers);
                reply.chunk(body, 0, part);
            }
            case STALL -> {
                reply.startChunked(200, headers);
                reply.chunk(body, 0, part);
                reply.flush();
                clock.sleep(pause);
            }
            case SLOW_BODY -> {
                reply.startChunked(200, headers);
                for (int step = 0; step < SLOW_STEPS; step++) {
                    int from = (int) ((long) body.length * step / SLOW_STEPS);
                    int to = (int) ((long) body.length * (step + 1) / SLOW_STEPS);
                    clock.sleep(pause.dividedBy(SLOW_STEPS));
                    reply.chunk(body, from, to - from);
                    reply.flush();
                }
                reply.endChunks();
            }
            default -> {
                reply.startChunked(200, headers);
                for (int at = 0; at < body.length; at += PART) {
                    reply.chunk(body, at, Math.min(PART, body.length - at));
                }
                reply.endChunks();
            }
        }
    }

    private void checkKey(Request request) throws SpeechRefusal {
        String key = options.apiKey();
        if (key == null) {
            return;
        }
        String shown = request.headers().getOrDefault("Authorization", "");
        if (!MessageDigest.isEqual(
                shown.getBytes(StandardCharsets.UTF_8), ("Bearer " + key).getBytes(StandardCharsets.UTF_8))) {
            throw badKey(
                    shown.isEmpty()
                            ? "You didn't provide an API key. Provide it in an Authorization header using Bearer auth."
                            : "Incorrect API key provided.");
        }
    }

    private void take(Meter meter, int amount, String what, String model, Map<String, String> headers)
            throws SpeechRefusal {
        Meter.Reading reading = meter.take(amount);
        headers.put("x-ratelimit-limit-" + what, Integer.toString(meter.perMinute()));
        headers.put("x-ratelimit-remaining-" + what, Long.toString(reading.remaining()));
        headers.put("x-ratelimit-reset-" + what, GoDuration.format(reading.reset()));
        if (!reading.allowed()) {
            throw rateLimited(what, meter.perMinute(), amount, reading.retryAfter());
        }
    }

    /** Throws when the fault is an answer with an error status. */
    private static void refuse(FaultKind fault, Duration retryAfter) throws SpeechRefusal {
        switch (fault) {
            case RATE_LIMIT -> throw rateLimited("requests", 500, 1, retryAfter);
            case SLOW_DOWN ->
                throw new SpeechRefusal(
                        429,
                        "requests",
                        null,
                        "slow_down",
                        "Slow down: your traffic grows too fast. Ramp up gradually.");
            case QUOTA ->
                throw new SpeechRefusal(
                                429,
                                "insufficient_quota",
                                null,
                                "insufficient_quota",
                                "You exceeded your current quota, please check your plan and billing details.")
                        .with("Retry-After", wholeSeconds(retryAfter));
            case BAD_KEY -> throw badKey("Incorrect API key provided.");
            case REFUSED ->
                throw SpeechRefusal.invalid(
                        "input",
                        "content_policy_violation",
                        "Your request was rejected as a result of our safety system.");
            case SERVER_ERROR ->
                throw serverError(
                        500, null, "The server had an error while processing your request. Sorry about that!");
            case UNAVAILABLE ->
                throw serverError(503, "server_is_overloaded", "The server is overloaded or not ready yet.")
                        .with("Retry-After", wholeSeconds(retryAfter));
            default -> {
                // An answer with status 200, or none.
            }
        }
    }

    private static SpeechRefusal rateLimited(String what, int limit, int amount, Duration wait) {
        String unit = what.equals("requests") ? "requests per min (RPM)" : "tokens per min (TPM)";
        return new SpeechRefusal(
                        429,
                        what,
                        null,
                        "rate_limit_exceeded",
                        "Rate limit reached in organization org-offline on " + unit + ": Limit " + limit
                                + ", Requested " + amount + ". Please try again in " + GoDuration.format(wait) + ".")
                .with("Retry-After", wholeSeconds(wait));
    }

    private static SpeechRefusal badKey(String message) {
        return new SpeechRefusal(401, "invalid_request_error", null, "invalid_api_key", message);
    }

    private static SpeechRefusal serverError(int status, @Nullable String code, String message) {
        return new SpeechRefusal(status, "server_error", null, code, message);
    }

    private static String wholeSeconds(Duration wait) {
        return Long.toString(wait.plusNanos(999_999_999).toSeconds());
    }

    private static byte[] events(SpeechCall call, Sound sound) {
        ByteArrayOutputStream events = new ByteArrayOutputStream(sound.bytes().length * 4 / 3 + 1024);
        for (int at = 0; at < sound.bytes().length; at += PART) {
            byte[] part = Arrays.copyOfRange(sound.bytes(), at, Math.min(sound.bytes().length, at + PART));
            ObjectNode delta = JsonNodeFactory.instance.objectNode();
            delta.put("type", "speech.audio.delta")
                    .put("audio", Base64.getEncoder().encodeToString(part));
            event(events, delta);
        }
        int in = call.inputTokens();
        int out = (int) Math.round(sound.length().toMillis() / 1000.0 * TOKENS_A_SECOND);
        ObjectNode done = JsonNodeFactory.instance.objectNode().put("type", "speech.audio.done");
        done.putObject("usage")
                .put("input_tokens", in)
                .put("output_tokens", out)
                .put("total_tokens", in + out);
        event(events, done);
        return events.toByteArray();
    }

    private static void event(ByteArrayOutputStream events, ObjectNode data) {
        events.writeBytes(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    }

    private Duration since(long started) {
        return Duration.ofNanos(clock.nanos() - started);
    }
}
