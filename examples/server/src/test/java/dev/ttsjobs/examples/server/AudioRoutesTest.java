package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Audio as players and caches want it. */
class AudioRoutesTest {

    @TempDir
    static Path dir;

    private static RunningServer running;
    private static String url;
    private static byte[] whole;

    @BeforeAll
    static void start() {
        running = RunningServer.in(dir);
        User ann = running.register("ann@example.org");
        JsonNode deck = ann.deck("Cat", "Chat");
        JsonNode job = ann.await(ann.generate(deck), "completed");
        url = job.at("/resultUrls/0/audioUrlEn").textValue();
        whole = running.call("GET", url, null).body();
        // The card has the same address, from the moment its phrase ended.
        JsonNode card =
                ann.get("/api/my-decks/" + deck.get("id").textValue()).json().at("/deck/cards/0");
        assertEquals(url, card.get("audioUrlEn").textValue());
        assertEquals(job.at("/resultUrls/0/audioUrlFr"), card.get("audioUrlFr"));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void the_whole_file_may_be_kept_for_ever() {
        Answer answer = running.call("GET", url, null);

        assertEquals(200, answer.status());
        assertEquals("audio/mpeg", answer.header("Content-Type"));
        assertEquals("public, max-age=31536000, immutable", answer.header("Cache-Control"));
        assertEquals("bytes", answer.header("Accept-Ranges"));
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertEquals(Integer.toString(whole.length), answer.header("Content-Length"));
        String tag = answer.header("ETag");
        assertEquals(304, running.call("GET", url, null, "If-None-Match", tag).status());
        assertEquals(
                304,
                running.call("GET", url, null, "If-None-Match", "\"x\", W/" + tag)
                        .status());
        assertEquals(
                200, running.call("GET", url, null, "If-None-Match", "\"x\"").status());
        Answer head = running.call("HEAD", url, null);
        assertEquals(200, head.status());
        assertEquals(Integer.toString(whole.length), head.header("Content-Length"));
        assertEquals(0, head.body().length);
    }

    @ParameterizedTest
    @CsvSource({"bytes=0-9,0,9", "bytes=10-,10,-1", "bytes=-7,-7,-1", "bytes=0-999999999,0,-1", "bytes = 3 - 3,3,3"})
    void a_part_is_given_when_asked_for(String range, int first, int last) {
        int from = first < 0 ? whole.length + first : first;
        int to = last < 0 ? whole.length + last : last;

        Answer answer = running.call("GET", url, null, "Range", range);

        assertEquals(206, answer.status());
        assertEquals("bytes " + from + "-" + to + "/" + whole.length, answer.header("Content-Range"));
        assertArrayEquals(Arrays.copyOfRange(whole, from, to + 1), answer.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"bytes=9-3", "bytes=x-y", "items=0-3", "bytes=0-1,3-4", "bytes=-", "bytes=1-99999999999999999999"
            })
    void what_is_no_single_part_gives_the_whole(String range) {
        Answer answer = running.call("GET", url, null, "Range", range);

        assertEquals(200, answer.status());
        assertArrayEquals(whole, answer.body());
    }

    @Test
    void a_part_beyond_the_end_is_refused() {
        for (String range : List.of("bytes=999999999-", "bytes=-0", "bytes=" + whole.length + "-")) {
            Answer answer = running.call("GET", url, null, "Range", range);
            assertEquals(416, answer.status());
            assertEquals("bytes */" + whole.length, answer.header("Content-Range"));
        }
    }

    @Test
    void a_part_of_another_file_is_not_mixed_in() {
        Answer answer = running.call("GET", url, null, "Range", "bytes=0-1", "If-Range", "\"other\"");
        assertEquals(200, answer.status());
        String tag = answer.header("ETag");
        assertEquals(
                206,
                running.call("GET", url, null, "Range", "bytes=0-1", "If-Range", tag)
                        .status());
        assertEquals(
                200,
                running.call("GET", url, null, "Range", "bytes=0-1", "If-Range", "W/" + tag)
                        .status());
    }

    @Test
    void only_names_of_the_store_lead_anywhere() {
        String name = url.substring(url.indexOf("/storage/tts/") + "/storage/tts/".length());
        String other = name.startsWith("00/") ? name.replace('0', '1') : "00/00" + name.substring(5);
        for (String path : List.of(
                other,
                name + "x",
                name.replace(".mp3", ".wav"),
                name.toUpperCase(java.util.Locale.ROOT),
                name.substring(3),
                "%2e%2e/%2e%2e/data/jwt-secret",
                "..%2f..%2fdata%2fjwt-secret",
                ".spool/x",
                "aa/%00",
                "C:%5cx")) {
            Answer answer = running.call("GET", "/storage/tts/" + path, null);
            assertTrue(answer.status() == 404 || answer.status() == 400, path + " gave " + answer.status());
            if (answer.status() == 404) {
                assertEquals("no-store", answer.header("Cache-Control"), path);
            }
        }
    }
}
