package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.nio.file.Path;
import java.util.List;
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
    void an_operator_pauses_the_account_and_resumes_it_and_nobody_else_does() {
        try (RunningServer running = RunningServer.in(dir, "ADMIN_EMAILS", "boss@example.org")) {
            User boss = running.register("boss@example.org");
            User ann = running.register("ann@example.org");
            String account = operator(boss).at("/accounts/0/account").textValue();
            Map<String, Object> pause = Map.of("reason", "The bill is looked into.");
            assertEquals(403, ann.post("/api/operator/pause", pause).status());
            assertEquals(403, ann.post("/api/operator/resume", Map.of()).status());
            assertEquals(
                    400, boss.post("/api/operator/pause", Map.of("reason", " ")).status());
            Map<String, Object> slip = Map.of("account", "nobodys", "reason", "A slip.");
            assertEquals(400, boss.post("/api/operator/pause", slip).status());
            assertEquals(409, boss.post("/api/operator/resume", null).status());

            assertEquals(204, boss.post("/api/operator/pause", pause).status());
            JsonNode paused = operator(boss).at("/accounts/0");
            assertTrue(paused.get("byHand").booleanValue());
            assertTrue(paused.get("nextProbeAt").isNull());
            assertTrue(operator(boss).at("/checks/provider/nextProbeAt").isMissingNode());
            String job = ann.generate(ann.deck("Cat", "Chat"));
            // Not while a worker has it in hand that has not yet heard of the pause.
            JsonNode[] waits = new JsonNode[1];
            RunningServer.eventually(() -> {
                waits[0] = ann.job(job).get("waitingFor");
                return waits[0].has("code");
            });
            assertEquals("paused_by_hand", waits[0].get("code").textValue());
            assertEquals("The bill is looked into.", waits[0].get("message").textValue());
            assertEquals(0, running.voice.ledger().calls());

            // Another account that is paused is shown too, and can be resumed.
            running.workshop.jobs().pause("other", "A guest's key.");
            RunningServer.eventually(
                    () -> operator(boss).at("/accounts/1/account").asText().equals("other"));
            assertEquals(
                    204,
                    boss.post("/api/operator/resume", Map.of("account", "other"))
                            .status());
            assertEquals(1, operator(boss).get("accounts").size());

            assertEquals(
                    204,
                    boss.post("/api/operator/resume", Map.of("account", account))
                            .status());
            ann.await(job, "completed");
            assertEquals(
                    List.of("account.resumed", "account.resumed", "account.paused", "account.registered"),
                    boss.get("/api/tts/audit").json().get("entries").findValuesAsText("action"));
        }
    }

    @Test
    void nobody_else_is_told_what_failed_or_sends_anything_again() {
        try (RunningServer running = RunningServer.in(dir, "ADMIN_EMAILS", "boss@example.org")) {
            User boss = running.register("boss@example.org");
            User ann = running.register("ann@example.org");
            running.voice.faults(VoiceFaults.always(FaultKind.REFUSED));
            String job = ann.generate(ann.deck("Cat", "Chat"));
            ann.await(job, "failed");
            assertEquals(
                    204,
                    boss.post("/api/operator/block", Map.of("user", "a guest")).status());

            JsonNode trouble = boss.get("/api/operator/trouble").json().get("trouble");
            assertEquals(job, trouble.at("/failedJobs/0/jobId").textValue());
            assertEquals("ann@example.org", trouble.at("/failedJobs/0/email").textValue());
            assertEquals("a guest", trouble.at("/blockedUsers/0/user").textValue());
            assertTrue(trouble.at("/blockedUsers/0/email").isNull());
            Map<String, String> letter = Map.of("jobId", job, "id", "none");
            assertEquals(404, boss.post("/api/operator/replay", letter).status());
            assertTrue(ann.get("/api/operator/trouble").json().get("trouble").isNull());
            assertEquals(403, ann.post("/api/operator/replay", letter).status());
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
