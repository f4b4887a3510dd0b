package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts, names and ids that are something else to whoever reads them next. What they do to the page, its own tests see. */
class InjectionTest {

    private static final List<String> TEXTS = List.of(
            "a\r\n\r\nevent: done\r\ndata: {}\r\n\r\n",
            "b\nSet-Cookie: a=b",
            "c\u001b[31mred\u001b]0;title\u0007",
            "d\u2028\u2029\u0085e",
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-2+3",
            "@SUM(1)",
            "\t=1+1",
            "\uff1d1+1",
            "<img src=x onerror=alert(1)>",
            "</script><script>alert(1)</script>",
            "'; DROP TABLE users; --",
            "\" OR \"\"=\"",
            "%s%n%d ${jndi:ldap://127.0.0.1/a} {} :id",
            "../../etc/passwd",
            "a\\u0000b \\\"",
            "\u202eexe.3pm");

    @TempDir
    static Path dir;

    private static RunningServer running;
    private static User ann;
    private static JsonNode deck;
    private static String job;

    @BeforeAll
    static void start() {
        running = RunningServer.in(dir, "TTS_MAX_JOBS_PER_DAY", "0");
        ann = running.register("ann@example.org");
        running.voice.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("@SUM(1)"));
        List<Object> cards = new ArrayList<>();
        TEXTS.forEach(text -> cards.add(Map.of("question", text, "answers", List.of(text + " fr"))));
        Answer made = ann.post("/api/my-decks", Map.of("name", "x\"\r\nSet-Cookie: a=b\r\n=1", "cards", cards));
        assertEquals(201, made.status());
        deck = made.json().get("deck");
        Map<String, Object> request = new HashMap<>(ann.requestFor(deck));
        List<Object> phrases = new ArrayList<>((List<?>) request.get("phrases"));
        TEXTS.forEach(text -> phrases.add(Map.of("cardId", text, "textEn", "Cat")));
        request.put("phrases", phrases);
        Answer accepted = ann.post("/api/tts/generate", request);
        assertEquals(202, accepted.status(), () -> accepted.json().toString());
        job = accepted.json().get("jobId").textValue();
        ann.await(job, "completed");
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void texts_come_back_as_they_were_given() {
        JsonNode cards =
                ann.get("/api/my-decks/" + deck.get("id").textValue()).json().at("/deck/cards");
        List<String> questions = new ArrayList<>();
        cards.forEach(card -> questions.add(card.get("question").textValue()));
        assertEquals(TEXTS, questions);
        List<String> ids = new ArrayList<>();
        JsonNode results = ann.job(job).get("resultUrls");
        for (int i = TEXTS.size(); i < results.size(); i++) {
            ids.add(results.get(i).get("cardId").textValue());
        }
        assertEquals(TEXTS, ids);
    }

    /** Read as a browser reads a stream, with all three ends of lines. */
    @Test
    void a_stream_holds_the_events_of_the_server_and_no_others() {
        String body = new String(ann.get("/api/tts/stream/" + job).body(), StandardCharsets.UTF_8);

        List<String> lines = List.of(body.split("\r\n|\r|\n", -1));
        assertEquals(2, lines.stream().filter(line -> line.startsWith("event:")).count(), body);
        assertTrue(lines.contains("event: progress") && lines.contains("event: completed"), body);
        for (String line : lines) {
            assertTrue(line.isEmpty() || line.matches("(?s)(event: [a-z]+|id: [0-9a-z-]+|data: \\{.*\\}|:.*)"), line);
        }
    }

    @Test
    void an_event_id_that_was_made_up_is_none() {
        for (String id : List.of("1\u00e9", "0-0-0-end", "-1", "9".repeat(30), "1-0-1-end-end", "*", "null")) {
            assertEquals(
                    200, ann.get("/api/tts/stream/" + job, "Last-Event-ID", id).status(), id);
        }
    }

    @Test
    void the_archive_has_plain_names_and_cells_that_are_texts() throws IOException {
        Answer answer = ann.get("/api/tts/jobs/" + job + "/archive");

        assertEquals("attachment; filename=\"x-set-cookie-a-b-1.zip\"", answer.header("Content-Disposition"));
        assertTrue(answer.headers().firstValue("Set-Cookie").isEmpty());
        String manifest = "";
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                assertTrue(entry.getName().matches("[a-z0-9-]{1,60}\\.(mp3|csv)"), entry.getName());
                manifest = entry.getName().equals("manifest.csv")
                        ? new String(zip.readAllBytes(), StandardCharsets.UTF_8)
                        : manifest;
            }
        }
        List<List<String>> rows = rows(manifest);
        assertEquals(1 + 3 * TEXTS.size(), rows.size());
        for (List<String> row : rows) {
            assertEquals(9, row.size(), row.toString());
            for (String cell : row) {
                assertFalse(cell.matches("(?s)[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20].*"), cell);
            }
        }
        assertEquals("'=cmd|' /C calc'!A0", rows.get(1 + 2 * 4).get(2));
    }

    /** As RFC 4180 has it, with all cells quoted. */
    private static List<List<String>> rows(String csv) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (c == '"' && quoted && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                cell.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (quoted) {
                cell.append(c);
            } else {
                assertTrue(c == ',' || c == '\r' || c == '\n', "outside of quotes: " + (int) c);
                if (c != '\n') {
                    row.add(cell.toString());
                    cell.setLength(0);
                } else {
                    rows.add(row);
                    row = new ArrayList<>();
                }
            }
        }
        return rows;
    }

    @Test
    void what_is_asked_for_in_an_address_is_bound_and_encoded() {
        for (String bad : List.of("'%20OR%201=1--", "%27;DROP%20TABLE%20decks;--", "%25", "a%0d%0aSet-Cookie:%20a=b")) {
            for (String path : List.of(
                    "/api/my-decks/" + bad,
                    "/api/tts/status/" + bad,
                    "/api/tts/stream/" + bad,
                    "/api/tts/jobs/" + bad + "/archive",
                    "/api/tts/jobs/" + bad + "/deliveries",
                    "/api/tts/jobs?deckId=" + bad,
                    "/api/tts/jobs?status=" + bad,
                    "/api/tts/jobs?limit=" + bad,
                    "/api/tts/jobs?cursor=" + bad,
                    "/api/tts/audit?cursor=" + bad)) {
                Answer answer = ann.get(path);
                assertTrue(answer.status() < 500, path + " gave " + answer.status());
                assertTrue(answer.headers().firstValue("Set-Cookie").isEmpty(), path);
                assertTrue(
                        answer.status() >= 400 || answer.json().get("jobs").isEmpty(),
                        path + " gave " + answer.status());
            }
        }
        assertEquals(1, ann.get("/api/my-decks").json().get("decks").size());
    }

    @Test
    void a_forged_address_of_a_proxy_is_not_written_down() {
        List<String> forgeries = List.of("<b>", "a, evil.example", "'; --", "unknown", "1.2.3.4,");
        for (int i = 0; i < forgeries.size(); i++) {
            Answer answer = running.nobody()
                    .post(
                            "/api/auth/register",
                            Map.of("email", i + "@example.org", "password", "correct horse"),
                            "X-Forwarded-For",
                            forgeries.get(i));
            User user = running.withToken(answer.json().get("token").textValue());
            JsonNode entry = user.get("/api/tts/audit").json().at("/entries/0");
            assertEquals("127.0.0.1", entry.get("address").textValue(), forgeries.get(i));
        }
    }
}
