package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every view as it looks, light and dark, on a desk and on a phone, in English and in French: nothing that an
 * accessibility checker finds serious, nothing wider than the screen. The pictures go to {@code target/page-pictures}.
 */
class PageLookTest {

    private static final Path PICTURES = Path.of("target", "page-pictures");

    @TempDir
    Path dir;

    private final Map<String, List<String>> barriers = new TreeMap<>();

    private record Look(String name, int width, int height, boolean dark, String language) {}

    @Test
    void every_view_is_open_to_everybody() {
        try (Browser browser = Browser.open(dir);
                RunningServer running = RunningServer.in(
                        dir,
                        "ADMIN_EMAILS",
                        "ann@example.org",
                        "TTS_MAX_JOBS_PER_DAY",
                        "0",
                        "TTS_PROBE_INTERVAL_SECONDS",
                        "1")) {
            running.voice.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("train"));
            User ann = running.register("ann@example.org");
            JsonNode made = ann.deck(
                    "Good morning",
                    "Bonjour",
                    "Where does the train to Lyon leave?",
                    "D’où part le train pour Lyon ?",
                    "See you tomorrow!",
                    "À demain !");
            ann.await(ann.generate(made), "completed");
            JsonNode fresh =
                    ann.deck("How are you?", "Comment ça va ?", "I would like a coffee.", "Je voudrais un café.");
            for (Look look : List.of(
                    new Look("desk-light-en", 1200, 900, false, "en"),
                    new Look("phone-dark-fr", 375, 740, true, "fr"),
                    new Look("desk-dark-en", 1200, 900, true, "en"),
                    new Look("zoomed-light-fr", 320, 640, false, "fr"))) {
                walk(
                        browser,
                        running,
                        look,
                        ann,
                        made.get("id").textValue(),
                        fresh.get("id").textValue());
            }
        }
        assertEquals(Map.of(), barriers);
    }

    private void walk(Browser browser, RunningServer running, Look look, User ann, String made, String fresh) {
        browser.look(look.width, look.height, look.dark);
        browser.newcomer(running.url("/"));
        browser.script("sessionStorage.clear()");
        browser.language(look.language);
        browser.find("form");
        see(browser, look, "1-sign-in");
        browser.find("button.link").click();
        browser.find("#password-hint");
        see(browser, look, "2-sign-up");
        browser.driver.get(running.url("/#token=" + ann.token));
        browser.find(".deck-list");
        see(browser, look, "3-decks");
        browser.driver.get(running.url("/#/import"));
        browser.find("textarea");
        see(browser, look, "4-import");
        browser.driver.executeScript(
                "const text = document.querySelector('textarea'); text.value = arguments[0];"
                        + " text.dispatchEvent(new Event('input', {bubbles: true}));",
                "#separator:tab\n#html:true\nGood <b>day</b>[sound:x.mp3]\t{{c1::Bonjour::salut}}\n!!!\t?\nle chat\tthe cat");
        browser.find(".preview");
        see(browser, look, "5-preview");
        browser.driver.get(running.url("/#/decks/" + fresh));
        browser.find("main .page-head button.primary");
        see(browser, look, "6-deck-without-audio");
        browser.find("main .page-head button.primary").click();
        browser.find("dialog .rows");
        browser.find("dialog select");
        see(browser, look, "7-estimate");
        browser.find("dialog .actions button:not(.primary)").click();
        browser.driver.get(running.url("/#/decks/" + made));
        browser.find(".slot button").click();
        browser.find(".player");
        see(browser, look, "8-deck-partly-made");
        browser.driver.get(running.url("/#/jobs"));
        browser.find("table.jobs");
        see(browser, look, "9-history");
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        String waiting = ann.generate(ann.deck("Good night " + look.name, "Bonne nuit " + look.name));
        RunningServer.eventually(() -> !ann.job(waiting).get("waitingFor").isNull());
        browser.driver.navigate().refresh();
        browser.find("main .notice-warning button");
        see(browser, look, "9-operator-and-a-pause");
        browser.driver.get(running.url("/#/decks/" + fresh));
        browser.find("table.cards");
        running.voice.faults(VoiceFaults.none());
        ann.await(waiting, "completed");
        browser.driver.get(running.url("/#/nowhere"));
        browser.find(".notice-error");
        see(browser, look, "10-no-such-page");
    }

    private void see(Browser browser, Look look, String view) {
        browser.picture(PICTURES.resolve(look.name + "-" + view + ".png"));
        List<String> found = browser.barriers();
        if (!found.isEmpty()) {
            barriers.put(look.name + " " + view, found);
        }
    }
}
