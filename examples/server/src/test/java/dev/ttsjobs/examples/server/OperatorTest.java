package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who sees how the whole server is. */
class OperatorTest {

    @TempDir
    Path dir;

    private static JsonNode operator(User user) {
        return RunningServer.field(user.get("/api/operator").json(), "operator");
    }

    @Test
    void only_those_who_are_named_see_the_queue_and_the_pause() {
        try (RunningServer running = RunningServer.in(dir, "ADMIN_EMAILS", " Boss@Example.org , second@example.org")) {
            running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
            User boss = running.register("boss@example.org");
            User ann = running.register("ann@example.org");
            ann.generate(ann.deck("Cat", "Chat"));

            RunningServer.eventually(
                    () -> operator(boss).at("/checks/provider/status").asText().equals("paused"));
            JsonNode state = operator(boss);
            assertEquals("insufficient_quota", state.at("/checks/provider/code").textValue());
            assertEquals(2, state.get("queued").intValue() + state.get("leased").intValue());
            assertEquals(60000.0, state.get("requestsPerMinute").doubleValue());
            assertEquals("server", state.at("/workers/0/kind").textValue());
            assertTrue(state.get("requestsLastMinute").isInt());
            assertEquals("paused", state.at("/accounts/0/status").textValue());
            assertEquals("insufficient_quota", state.at("/accounts/0/code").textValue());
            assertTrue(state.at("/accounts/0/nextProbeAt").isTextual());
            assertTrue(operator(ann).isNull());
            assertEquals(401, running.nobody().get("/api/operator").status());
        }
    }

    @Test
    void operators_pause_the_account_and_resume_it() {
        try (RunningServer running = RunningServer.in(dir, "ADMIN_EMAILS", "boss@example.org")) {
            User boss = running.register("boss@example.org");
            User ann = running.register("ann@example.org");
            assertEquals(
                    403,
                    ann.post("/api/operator/pause", Map.of("reason", "mischief"))
                            .status());
            assertEquals(403, ann.post("/api/operator/resume", Map.of()).status());
            assertEquals(
                    400, boss.post("/api/operator/pause", Map.of("reason", " ")).status());
            assertEquals(409, boss.post("/api/operator/resume", Map.of()).status());

            assertEquals(
                    204,
                    boss.post("/api/operator/pause", Map.of("reason", "until Monday"))
                            .status());
            String id = ann.generate(ann.deck("Cat", "Chat"));
            JsonNode waiting = ann.job(id).get("waitingFor");
            assertEquals("paused_by_hand", waiting.get("code").textValue());
            assertEquals("until Monday", waiting.get("message").textValue());
            RunningServer.eventually(
                    () -> operator(boss).at("/accounts/0/status").asText().equals("paused"));
            assertTrue(operator(boss).at("/accounts/0/nextProbeAt").isNull());
            assertTrue(operator(boss).at("/checks/provider/nextProbeAt").isMissingNode());
            assertEquals(0, running.voice.ledger().calls());

            assertEquals(204, boss.post("/api/operator/resume", Map.of()).status());
            ann.await(id, "completed");
            assertEquals(2, running.voice.ledger().calls());
        }
    }

    @Test
    void nobody_is_an_operator_by_default_not_even_by_the_demos_address() {
        try (RunningServer running = RunningServer.in(dir)) {
            assertTrue(operator(running.register("ann@example.org")).isNull());
            assertTrue(operator(running.register("demo@example.org")).isNull());
        }
    }
}
