package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.Select;

/** The page in a real browser, in front of a real server. */
class PageFlowTest {

    @TempDir
    static Path downloads;

    static Browser browser;

    @TempDir
    Path dir;

    private RunningServer running;

    @BeforeAll
    static void open() {
        browser = Browser.open(downloads);
    }

    @AfterAll
    static void quit() {
        if (browser != null) {
            browser.close();
        }
    }

    private void start(String... settings) {
        running = RunningServer.in(dir, settings);
        browser.look(1200, 900, false);
        browser.newcomer(running.url("/"));
    }

    @AfterEach
    void stop() {
        browser.offline(false);
        running.close();
    }

    private void register(String email) {
        browser.press("No account yet? Create one");
        browser.type("E-mail address", email);
        browser.type("Password", "correct horse");
        browser.press("Create an account");
        browser.sees("Your decks");
    }

    /** Signs up by the server's own call and in by the address. */
    private User signedIn() {
        User user = running.register("ann@example.org");
        browser.driver.get(running.url("/#token=" + user.token));
        browser.sees("Your decks");
        return user;
    }

    private static String lines(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> "The number " + i + "\tLe nombre " + i)
                .reduce("English\tFrench", (before, line) -> before + "\n" + line);
    }

    private void createDeck(String name, String text) {
        browser.press("Add a deck");
        browser.paste("Paste your phrases", text);
        browser.type("Name of the deck", name);
        browser.find("button[type=submit]").click();
        browser.sees("no audio yet");
    }

    private void openDeck(JsonNode deck) {
        browser.driver.get(running.url("/#/decks/" + deck.get("id").textValue()));
    }

    private void generate() {
        browser.find("main .page-head button.primary").click();
        browser.press("Generate");
    }

    @Test
    void a_newcomer_hears_a_deck_within_a_minute() {
        long begun = System.nanoTime();
        start("OPENAI_BASE_URL", "");
        register("newcomer@example.org");
        createDeck("Trip", lines(5));
        browser.find("main .page-head button.primary").click();
        browser.sees("Pieces of audio");
        WebElement confirm = browser.named("Generate");
        new Actions(browser.driver).doubleClick(confirm).perform();
        browser.sees("All 5 cards have their audio.");

        browser.press("Play English: The number 1");
        browser.until("the audio advances", () -> heard() > 0.3);
        assertNull(browser.script("return document.querySelector('audio').error"));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        System.out.println("From the start of the server to hearing a new deck: " + took.toMillis() + " ms");
        assertTrue(took.compareTo(Duration.ofMinutes(1)) < 0, () -> "it took " + took);

        browser.press("Stop");
        browser.press("Play French: Le nombre 1");
        browser.until("the French audio advances", () -> heard() > 0.3);
        browser.press("Download all (zip)");
        Path zip = browser.until("the zip is there", () -> finished("Trip.zip"));
        try (ZipFile archive = new ZipFile(zip.toFile())) {
            assertEquals(11, archive.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        browser.press("History");
        browser.sees("Trip");
        assertEquals(
                1,
                browser.driver
                        .findElements(By.cssSelector("table.jobs tbody tr"))
                        .size());
        browser.noComplaints();
    }

    private static double heard() {
        return ((Number) browser.script("return document.querySelector('audio').currentTime")).doubleValue();
    }

    private static Path finished(String name) {
        try (Stream<Path> files = Files.list(downloads)) {
            return files.filter(file -> file.getFileName().toString().equals(name))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void what_failed_is_said_in_plain_words_and_made_again() {
        start();
        running.voice.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("number 2"));
        signedIn();
        createDeck("Trip", lines(3));
        generate();
        browser.sees("1 of 3 cards lacks some audio.");
        browser.sees("The voice service will not speak this text.");
        running.voice.faults(VoiceFaults.none());
        browser.press("Try again what failed (1 card)");
        browser.sees("All 3 cards have their audio.");
        browser.noComplaints();
    }

    @Test
    void a_card_gets_another_voice() {
        start();
        User ann = signedIn();
        createDeck("Trip", lines(2));
        generate();
        browser.sees("All 2 cards have their audio.");
        browser.press("Another voice for: The number 2");
        browser.press("Not now");
        browser.press("Another voice for: The number 2");
        browser.sees("Another voice for this card?");
        new Select(browser.field("French voice")).selectByValue("coral");
        browser.until("what is new is counted", () -> browser.text().contains("of these, already made\n1"));
        browser.press("Generate");
        browser.sees("1 card has its audio.");
        browser.sees("2 cards · all with audio");
        assertEquals(2, ann.get("/api/tts/jobs").json().get("jobs").size());
        browser.noComplaints();
    }

    @Test
    void a_job_goes_on_over_a_reload_and_can_be_stopped() {
        start("TTS_REQUESTS_PER_MINUTE", "120");
        User ann = signedIn();
        createDeck("Long", lines(40));
        generate();
        browser.until(
                "some cards are ready",
                () -> browser.driver.findElements(By.cssSelector(".slot-ready")).size() > 0);
        browser.driver.navigate().refresh();
        browser.sees("Making audio");
        browser.until(
                "it goes on",
                () -> browser.driver.findElements(By.cssSelector(".slot-ready")).size() > 2);
        browser.press("Stop");
        browser.find("dialog button.primary").click();
        browser.sees("You stopped this job.");
        JsonNode jobs = ann.get("/api/tts/jobs").json().get("jobs");
        assertEquals(1, jobs.size());
        assertEquals("cancelled", jobs.get(0).get("status").textValue());
        browser.noComplaints();
    }

    @Test
    void a_lost_connection_is_said_and_found_again() {
        start("TTS_REQUESTS_PER_MINUTE", "300");
        signedIn();
        createDeck("Far", lines(20));
        generate();
        browser.sees("Making audio");
        browser.offline(true);
        browser.sees("The connection is lost");
        browser.offline(false);
        browser.sees("All 20 cards have their audio.");
        browser.noComplaintsButRefusals();
    }

    @Test
    void a_paused_account_is_said_in_plain_words() {
        start("TTS_PROBE_INTERVAL_SECONDS", "1");
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        signedIn();
        createDeck("Poor", lines(2));
        generate();
        browser.sees("has no credit left");
        running.voice.faults(VoiceFaults.none());
        browser.sees("All 2 cards have their audio.");
        browser.noComplaints();
    }

    @Test
    void everything_can_be_done_from_the_keyboard_alone() {
        start();
        tabTo("No account yet? Create one", Keys.ENTER);
        tabTo("E-mail address", "keys@example.org");
        tabTo("Password", "correct horse" + Keys.ENTER);
        browser.sees("Your decks");
        tabTo("Add a deck", Keys.ENTER);
        tabTo("Paste your phrases", "Good morning | Bonjour");
        tabTo("Name of the deck", "Keys" + Keys.ENTER);
        browser.sees("no audio yet");
        tabTo("Generate audio for 1 card", Keys.ENTER);
        browser.sees("Pieces of audio");
        browser.until("the way on has the focus", () -> "Generate".equals(focused()));
        keys(Keys.ENTER);
        browser.sees("1 card has its audio.");
        tabTo("Play French: Bonjour", Keys.SPACE);
        browser.until("the audio advances", () -> heard() > 0.1);
        browser.noComplaints();
    }

    private static void keys(CharSequence... keys) {
        new Actions(browser.driver).sendKeys(keys).perform();
    }

    private static String focused() {
        return browser.driver.switchTo().activeElement().getAccessibleName();
    }

    private static void tabTo(String name, CharSequence keys) {
        browser.until("\"" + name + "\" is reached by the tab key", () -> {
            if (name.equals(focused())) {
                return true;
            }
            keys(Keys.TAB);
            return false;
        });
        keys(keys);
    }

    @Test
    void markup_in_cards_is_text() {
        start();
        User ann = signedIn();
        List<String> attacks = List.of(
                "<img src=x onerror=alert(1)>",
                "<script>alert(2)</script>",
                "\"><svg/onload=alert(3)>",
                "javascript:alert(4)",
                "{{constructor.constructor('alert(5)')()}}",
                "</textarea><iframe srcdoc='<script>parent.alert(6)</script>'>",
                "a\u202Egnirts b");
        String[] sides = attacks.stream().flatMap(one -> Stream.of(one, one)).toArray(String[]::new);
        JsonNode deck = ann.deck(sides);
        ann.await(ann.generate(deck), "completed");
        openDeck(deck);
        attacks.forEach(browser::sees);
        browser.press("Play all");
        browser.press("History");
        browser.press("Decks");
        browser.press("Add a deck");
        browser.paste("Paste your phrases", String.join("\n", attacks));
        browser.sees("3. What will be spoken");
        assertEquals(0L, browser.script("return document.querySelectorAll('main img, main script, iframe').length"));
        browser.noComplaints();
    }

    @Test
    void both_languages_are_whole() {
        start();
        signedIn();
        browser.press("Français");
        browser.sees("Vos paquets");
        assertEquals("fr", browser.script("return document.documentElement.lang"));
        browser.driver.navigate().refresh();
        browser.sees("Vos paquets");
        Object differ = browser.driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                Promise.all([import('/lang-en.js'), import('/lang-fr.js')]).then(([en, fr]) => {
                  const names = (text) => [...JSON.stringify(text).matchAll(/\\{\\w+\\}/g)].map(String);
                  const shape = (words) => Object.fromEntries(Object.keys(words).sort()
                      .map((key) => [key, [...new Set(names(words[key]))].sort()]));
                  const [a, b] = [shape(en.default), shape(fr.default)];
                  done([...new Set([...Object.keys(a), ...Object.keys(b)])]
                      .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key])));
                });
                """);
        assertEquals(List.of(), differ);
        browser.noComplaints();
    }

    @Test
    void a_session_that_is_over_is_said_and_leads_back() {
        start();
        signedIn();
        browser.script("sessionStorage.setItem('tts-jobs.session', JSON.stringify({token: 'a.b.c', email: 'x'}))");
        browser.driver.navigate().refresh();
        browser.sees("Please sign in again");
        browser.noComplaintsButRefusals();
    }
}
