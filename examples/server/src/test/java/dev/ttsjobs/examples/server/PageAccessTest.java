package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page for those who use no mouse, hear it instead of seeing it, or want no motion. */
class PageAccessTest extends PageTest {

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

    @Test
    void the_focus_comes_back_from_every_dialog() {
        start("TTS_REQUESTS_PER_MINUTE", "6");
        User ann = signedIn();
        openDeck(ann.deck("One", "Un", "Two", "Deux", "Three", "Trois", "Four", "Quatre", "Five", "Cinq"));
        tabTo("Generate audio for 5 cards", Keys.ENTER);
        browser.until("the way on has the focus", () -> "Generate".equals(focused()));
        keys(Keys.ESCAPE);
        browser.until("the button has the focus again", () -> "Generate audio for 5 cards".equals(focused()));
        keys(Keys.ENTER);
        browser.until("the way on has the focus", () -> "Generate".equals(focused()));
        keys(Keys.ENTER);
        browser.until("what was started has the focus", () -> "Audio".equals(focused()));
        tabTo("Stop", Keys.ENTER);
        browser.sees("Stop making audio?");
        keys(Keys.ESCAPE);
        browser.until("the button has the focus again", () -> "Stop".equals(focused()));
        keys(Keys.ENTER);
        browser.sees("Stop making audio?");
        keys(Keys.ENTER);
        browser.sees("You stopped this job.");
        browser.until("what has ended has the focus", () -> "Audio".equals(focused()));
        browser.noComplaints();
    }

    @Test
    void a_screen_reader_hears_of_a_job_but_not_of_each_phrase() {
        start("TTS_REQUESTS_PER_MINUTE", "1200");
        User ann = signedIn();
        List<String> sides = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            sides.addAll(List.of("The number " + i, "Le nombre " + i));
        }
        openDeck(ann.deck(sides.toArray(String[]::new)));
        browser.named("Generate audio for 40 cards");
        browser.script("""
                window.heard = [];
                const live = (node) => (node.nodeType === 1 ? node : node.parentElement)
                    ?.closest('[role=status], [role=alert], [aria-live]:not([aria-live=off])');
                new MutationObserver((changes) => changes.forEach(({target}) => {
                  const region = live(target);
                  if (region && region.textContent && !region.closest('dialog')) heard.push(region.textContent);
                })).observe(document.body, {childList: true, characterData: true, subtree: true});
                """);
        generate();
        browser.sees("All 40 cards have their audio.");
        List<?> heard = (List<?>) browser.script("return [...new Set(window.heard)]");
        assertTrue(heard.contains("All 40 cards have their audio."), () -> "heard: " + heard);
        assertTrue(heard.size() <= 4, () -> "heard: " + heard);
        browser.noComplaints();
    }

    @Test
    void who_wants_no_motion_sees_none() {
        start("TTS_REQUESTS_PER_MINUTE", "6");
        User ann = signedIn();
        openDeck(ann.deck("One", "Un", "Two", "Deux", "Three", "Trois"));
        generate();
        browser.find(".slot-making");
        assertEquals(0L, browser.script("return document.getAnimations().length"));
        browser.motion(true);
        browser.until("something moves", () -> 0L != (long) browser.script("return document.getAnimations().length"));
        browser.noComplaints();
    }

    @Test
    void everything_is_large_enough_for_a_thumb() {
        start();
        User ann = signedIn();
        browser.look(375, 740, false);
        JsonNode deck = ann.deck("Good morning", "Bonjour", "See you!", "À bientôt !");
        String job = ann.generate(deck);
        ann.await(job, "completed");
        List<String> small = new ArrayList<>();
        for (String view :
                List.of("/", "/#/import", "/#/decks/" + deck.get("id").textValue(), "/#/jobs")) {
            browser.driver.get(running.url(view));
            browser.find("h1");
            browser.until(
                    "the view is there",
                    () -> browser.driver
                            .findElements(org.openqa.selenium.By.cssSelector(".loading"))
                            .isEmpty());
            ((List<?>) browser.script(SMALL)).forEach(one -> small.add(view + " " + one));
        }
        browser.press("Decks");
        browser.find("a.deck").click();
        browser.press("Another voice for: See you!");
        browser.find("dialog select");
        ((List<?>) browser.script(SMALL)).forEach(one -> small.add("dialog " + one));
        browser.press("Not now");
        browser.press("Play all");
        browser.find(".player");
        ((List<?>) browser.script(SMALL)).forEach(one -> small.add("player " + one));
        assertEquals(List.of(), small);
        browser.noComplaints();
    }

    /** What can be pressed and is lower or narrower than 44 pixels; a check box is as large as its label. */
    private static final String SMALL = """
            return [...document.querySelectorAll('button, select, input, textarea, a, label[for]')]
                .filter((one) => one.checkVisibility() && one.getClientRects().length > 0)
                .filter((one) => !one.matches('td a, .skip-link, .visually-hidden, .field label, [type=checkbox]'))
                .map((one) => one.matches('.check label') ? one.parentElement : one)
                .filter((one) => { const {width, height} = one.getBoundingClientRect(); return width < 44 || height < 44; })
                .map((one) => one.outerHTML.slice(0, 100));
            """;
}
