package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits in characters and dollars, of one user and of all. */
class BudgetTest {

    @TempDir
    Path dir;

    private static Answer generate(User user, String... sides) {
        return user.post("/api/tts/generate", user.requestFor(user.deck(sides)));
    }

    private static void assertRefused(Answer answer, String words) {
        assertEquals(429, answer.status());
        assertTrue(Integer.parseInt(answer.header("Retry-After")) > 0);
        String detail = answer.json().get("detail").textValue();
        assertTrue(detail.contains(words), detail);
    }

    @Test
    void characters_a_day_are_counted_for_each_user() {
        try (RunningServer running = RunningServer.in(dir, "TTS_MAX_CHARACTERS_PER_DAY", "20")) {
            User ann = running.register("ann@example.org");
            assertEquals(202, generate(ann, "Good morning", "Bonjour").status());
            assertRefused(generate(ann, "Cat", "Chat"), "20 characters a day for this owner leaves 1 characters");
            assertEquals(
                    202,
                    generate(running.register("bob@example.org"), "Cat", "Chat").status());
        }
    }

    @Test
    void dollars_a_month_are_counted_for_all_and_what_is_there_costs_none() {
        try (RunningServer running =
                RunningServer.in(dir, "TTS_TOTAL_USD_PER_MONTH", "0.01", "TTS_PRICE_PER_MILLION_CHARACTERS", "1000")) {
            User ann = running.register("ann@example.org");
            User bob = running.register("bob@example.org");
            String job = ann.generate(ann.deck("Cat", "Chat"));
            ann.await(job, "completed");
            assertRefused(generate(bob, "Good", "Bien"), "0.01 USD a month for all owners together leaves 0.003 USD");
            assertEquals(202, generate(bob, "Cat", "Chat").status());
        }
    }

    @Test
    void jobs_a_day_are_counted_for_all() {
        try (RunningServer running = RunningServer.in(dir, "TTS_TOTAL_JOBS_PER_DAY", "1")) {
            assertEquals(
                    202,
                    generate(running.register("ann@example.org"), "Cat", "Chat").status());
            assertRefused(generate(running.register("bob@example.org"), "Cat", "Chat"), "for all owners together");
        }
    }
}
