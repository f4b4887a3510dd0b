package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;

/** The page in a real browser, in front of a real server. */
class PageTest {

    @TempDir
    static Path downloads;

    static Browser browser;

    @TempDir
    Path dir;

    RunningServer running;

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

    void start(String... settings) {
        running = RunningServer.in(dir, settings);
        browser.look(1200, 900, false);
        // The page of the test before may have missed its server: that is no complaint of this one.
        browser.driver.get("about:blank");
        browser.complaints();
        browser.newcomer(running.url("/"));
    }

    @AfterEach
    void stop() {
        browser.offline(false);
        running.close();
    }

    void register(String email) {
        browser.press("No account yet? Create one");
        browser.type("E-mail address", email);
        browser.type("Password", "correct horse");
        browser.press("Create an account");
        browser.sees("Your decks");
    }

    /** Signs up by the server's own call and in by the address. */
    User signedIn() {
        User user = running.register("ann@example.org");
        browser.driver.get(running.url("/#token=" + user.token));
        browser.sees("Your decks");
        return user;
    }

    /** A table of cards with headings, English and French apart by a tab. */
    static String lines(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> "\nThe number " + i + "\tLe nombre " + i)
                .collect(Collectors.joining("", "English\tFrench", ""));
    }

    void createDeck(String name, String text) {
        browser.press("Add a deck");
        browser.paste("Paste your phrases", text);
        browser.type("Name of the deck", name);
        browser.find("button[type=submit]").click();
        browser.sees("no audio yet");
    }

    void openDeck(JsonNode deck) {
        browser.driver.get(running.url("/#/decks/" + deck.get("id").textValue()));
    }

    void generate() {
        browser.find("main .page-head button.primary").click();
        browser.press("Generate");
    }

    /** How far the audio has come, in seconds. */
    static double heard() {
        return ((Number) browser.script("return document.querySelector('audio').currentTime")).doubleValue();
    }

    static void keys(CharSequence... keys) {
        new Actions(browser.driver).sendKeys(keys).perform();
    }

    static String focused() {
        return browser.driver.switchTo().activeElement().getAccessibleName();
    }

    /** Goes on with the tab key until the focus is on what has this name, and presses keys there. */
    static void tabTo(String name, CharSequence... keys) {
        browser.until("\"" + name + "\" is reached by the tab key", () -> {
            if (name.equals(focused())) {
                return true;
            }
            keys(Keys.TAB);
            return false;
        });
        keys(keys);
    }
}
