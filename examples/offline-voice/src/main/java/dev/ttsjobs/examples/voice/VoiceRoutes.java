package dev.ttsjobs.examples.voice;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ttsjobs.examples.voice.LoopbackHttp.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which path does what: OpenAI's, a health check, and {@code /__voice} for faults and the ledger. */
final class VoiceRoutes implements LoopbackHttp.Handler {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<String, String> TYPE = Map.of("Content-Type", "application/json");
    private static final Set<String> FAULT_FIELDS =
            Set.of("script", "odds", "retry_after_seconds", "pause_seconds", "only");

    private final SpeechDesk desk;
    private final String voice;
    private final FaultDice dice;
    private final VoiceLedger ledger;

    VoiceRoutes(SpeechDesk desk, String voice, FaultDice dice, VoiceLedger ledger) {
        this.desk = desk;
        this.voice = voice;
        this.dice = dice;
        this.ledger = ledger;
    }

    @Override
    public void answer(Request request, HttpReply reply) throws IOException, InterruptedException {
        try {
            route(request, reply);
        } catch (SpeechRefusal refusal) {
            Map<String, String> headers = new TreeMap<>(TYPE);
            headers.putAll(refusal.headers());
            reply.whole(refusal.status(), headers, refusal.body());
        }
    }

    private void route(Request request, HttpReply reply) throws SpeechRefusal, IOException, InterruptedException {
        switch (request.path()) {
            case "/v1/audio/speech" -> {
                allow(request, "POST");
                desk.answer(request, reply);
            }
            case "/v1/models" -> {
                allow(request, "GET");
                json(reply, models());
            }
            case "/health" -> {
                allow(request, "GET");
                json(reply, JSON.createObjectNode().put("status", "ok").put("voice", voice));
            }
            case "/__voice/faults" -> {
                allow(request, "GET", "POST", "DELETE");
                notFromAWebPage(request);
                if (request.method().equals("POST")) {
                    dice.set(faults(request.body()));
                } else if (request.method().equals("DELETE")) {
                    dice.set(VoiceFaults.none());
                }
                json(reply, faults(dice.faults()));
            }
            case "/__voice/ledger" -> {
                allow(request, "GET", "DELETE");
                notFromAWebPage(request);
                if (request.method().equals("DELETE")) {
                    ledger.clear();
                }
                json(reply, ledger());
            }
            default ->
                throw new SpeechRefusal(
                        404, "invalid_request_error", null, null, "Invalid URL (" + request.method() + ").");
        }
    }

    private static void allow(Request request, String... methods) throws SpeechRefusal {
        if (!List.of(methods).contains(request.method())) {
            throw new SpeechRefusal(
                            405,
                            "invalid_request_error",
                            null,
                            "method_not_supported",
                            "Not allowed to use this method.")
                    .with("Allow", String.join(", ", methods));
        }
    }

    /** A page in a browser on this machine could reach loopback; it has no business here. */
    private static void notFromAWebPage(Request request) throws SpeechRefusal {
        String host = request.headers().getOrDefault("Host", "").split(":", 2)[0];
        if (request.headers().containsKey("Origin")
                || !Set.of("127.0.0.1", "localhost").contains(host)) {
            throw new SpeechRefusal(403, "invalid_request_error", null, null, "Only for programs on this machine.");
        }
    }

    private static ObjectNode models() {
        ObjectNode models = JSON.createObjectNode().put("object", "list");
        ArrayNode data = models.putArray("data");
        for (String model : SpeechCall.MODELS) {
            data.addObject()
                    .put("id", model)
                    .put("object", "model")
                    .put("created", 0)
                    .put("owned_by", "offline-voice");
        }
        return models;
    }

    private ObjectNode ledger() {
        ObjectNode json = JSON.createObjectNode();
        synchronized (ledger) {
            json.put("calls", ledger.calls())
                    .put("distinct", ledger.distinct())
                    .put("sent", ledger.sent())
                    .put("characters", ledger.characters())
                    .put("uncounted", ledger.uncounted())
                    .put("max_concurrent", ledger.maxConcurrent());
            ObjectNode statuses = json.putObject("by_status");
            ledger.byStatus().forEach((status, times) -> statuses.put(Integer.toString(status), times));
            ObjectNode faults = json.putObject("by_fault");
            ledger.byFault().forEach((fault, times) -> faults.put(name(fault), times));
            ArrayNode entries = json.putArray("entries");
            ledger.byKey()
                    .forEach((key, tally) -> entries.addObject()
                            .put("key", key)
                            .put("input", tally.input())
                            .put("calls", tally.calls())
                            .put("sent", tally.sent())
                            .put("characters", tally.characters())
                            .put("at", tally.first().toString())
                            .put("last", tally.last().toString()));
        }
        return json;
    }

    private static ObjectNode faults(VoiceFaults faults) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode script = json.putArray("script");
        faults.script().forEach(kind -> script.add(name(kind)));
        ObjectNode odds = json.putObject("odds");
        new TreeMap<>(faults.odds()).forEach((kind, chance) -> odds.put(name(kind), chance));
        return json.put("retry_after_seconds", faults.retryAfter().toMillis() / 1000.0)
                .put("pause_seconds", faults.pause().toMillis() / 1000.0)
                .put("only", faults.only());
    }

    private static VoiceFaults faults(byte[] body) throws SpeechRefusal {
        try {
            JsonNode json = JSON.readTree(body);
            if (!json.isObject()) {
                throw new IllegalArgumentException("Faults are a JSON object");
            }
            for (Map.Entry<String, JsonNode> field : json.properties()) {
                if (!FAULT_FIELDS.contains(field.getKey())) {
                    throw new IllegalArgumentException(
                            "The fields are " + String.join(", ", new TreeSet<>(FAULT_FIELDS)));
                }
            }
            List<FaultKind> script = new ArrayList<>();
            for (JsonNode step : json.path("script")) {
                script.add(kind(step.asText()));
            }
            Map<FaultKind, Double> odds = new TreeMap<>();
            for (Map.Entry<String, JsonNode> chance : json.path("odds").properties()) {
                odds.put(kind(chance.getKey()), chance.getValue().asDouble(-1));
            }
            VoiceFaults none = VoiceFaults.none();
            return new VoiceFaults(
                    script,
                    odds,
                    seconds(json.path("retry_after_seconds"), none.retryAfter()),
                    seconds(json.path("pause_seconds"), none.pause()),
                    json.path("only").asText(""));
        } catch (IOException e) {
            throw SpeechRefusal.invalid(null, null, "The body is not JSON.");
        } catch (IllegalArgumentException e) {
            throw SpeechRefusal.invalid(null, null, String.valueOf(e.getMessage()));
        }
    }

    private static Duration seconds(JsonNode seconds, Duration otherwise) {
        return seconds.isMissingNode() ? otherwise : Duration.ofMillis(Math.round(seconds.asDouble(-1) * 1000));
    }

    private static FaultKind kind(String name) {
        return FaultKind.named(name).orElseThrow(() -> new IllegalArgumentException("There is no such fault"));
    }

    private static String name(FaultKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static void json(HttpReply reply, ObjectNode body) throws IOException {
        reply.whole(200, TYPE, JSON.writeValueAsBytes(body));
    }
}
