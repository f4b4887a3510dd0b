package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.Select;

/** What a user does on the page, from the first card to the last. */
class PageFlowTest extends PageTest {

    @Test
    void a_newcomer_goes_from_signing_up_to_hearing_a_deck() {
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
        browser.script("const real = window.fetch; window.fetch = (to, how) => String(to).endsWith('/generate')"
                + " ? new Promise((done) => { window.letGo = () => done(real(to, how)); }) : real(to, how);");
        browser.press("Generate");
        browser.until("the order is on its way", () -> browser.script("return Boolean(window.letGo)"));
        assertFalse(browser.field("French voice").isEnabled(), "another order would be made beside it");
        browser.script("window.letGo()");
        browser.sees("1 card has its audio.");
        browser.sees("2 cards · all with audio");
        assertEquals(2, ann.get("/api/tts/jobs").json().get("jobs").size());

        browser.driver.navigate().refresh();
        browser.press("Another voice for: The number 1");
        assertEquals("coral", browser.field("French voice").getDomProperty("value"));
        assertEquals("alloy", browser.field("English voice").getDomProperty("value"));
        browser.noComplaints();
    }

    @Test
    void a_text_in_the_wrong_column_is_shown_before_it_is_paid_for() {
        start();
        User ann = signedIn();
        openDeck(ann.deck("Good morning", "Bonjour", "See you!", "Where is the station?"));
        browser.sees("To make what is missing: $0.00");
        assertTrue(row("See you!").getText().contains("Looks like English, where French is meant."));
        assertFalse(row("Good morning").getText().contains("Looks like"));
        browser.press("Generate audio for 2 cards");
        String warning = browser.find("dialog .notice-warning").getText();
        assertTrue(warning.startsWith("1 text looks odd\nLooks like English, where French is meant.\n"), warning);
        assertTrue(warning.endsWith("Where is the station?"), warning);
        browser.press("Generate");
        browser.sees("All 2 cards have their audio.");
        browser.noComplaints();
    }

    private static WebElement row(String text) {
        return browser.until(
                "there is a card \"" + text + "\"",
                () -> browser.driver.findElements(By.cssSelector("table.cards tbody tr")).stream()
                        .filter(one -> one.getText().contains(text))
                        .findFirst()
                        .orElse(null));
    }

    @Test
    void a_whole_deck_is_played_in_its_order_and_stops() {
        start();
        User ann = signedIn();
        JsonNode deck = ann.deck("One", "Un", "Two", "Deux", "Three", "Trois");
        ann.await(ann.generate(deck), "completed");
        openDeck(deck);
        browser.named("Play all");
        browser.script("""
                window.played = [];
                new MutationObserver(() => {
                  const text = document.querySelector('#player .player-text bdi');
                  const now = text && text.lang + ' ' + text.textContent;
                  if (now && played.at(-1) !== now) played.push(now);
                }).observe(document.querySelector('#player'), {childList: true, subtree: true});
                """);
        tabTo("Play all", Keys.ENTER);
        browser.named("Stop playing");
        assertEquals("Stop playing", focused());
        browser.named("Play all");
        assertEquals(
                List.of("en One", "fr Un", "en Two", "fr Deux", "en Three", "fr Trois"),
                browser.script("return window.played"));

        keys(Keys.ENTER);
        tabTo("Pause", Keys.SPACE);
        browser.until("it is paused", () -> "Go on".equals(focused()));
        keys(Keys.SPACE);
        browser.until("it goes on", () -> "Pause".equals(focused()));
        tabTo("Next", Keys.ENTER);
        keys(Keys.ESCAPE);
        browser.named("Play all");
        assertEquals(true, browser.script("return document.querySelector('audio').paused"));
        browser.noComplaints();
    }

    @Test
    void who_left_finds_everything_made() {
        start();
        User ann = signedIn();
        createDeck("Away", lines(10));
        generate();
        browser.sees("Audio");
        browser.driver.get("about:blank");
        String job = ann.get("/api/tts/jobs").json().at("/jobs/0/id").textValue();
        ann.await(job, "completed");
        browser.driver.get(running.url("/"));
        browser.sees("10 cards · all with audio");
        browser.find("a.deck").click();
        browser.sees("All 10 cards have their audio.");
        assertEquals(
                20,
                browser.driver
                        .findElements(By.cssSelector(".slot-ready button"))
                        .size());
        browser.press("Play French: Le nombre 10");
        browser.until("the audio advances", () -> heard() > 0.1);
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
    void operators_see_who_works_and_end_a_pause() {
        start("ADMIN_EMAILS", "ann@example.org", "TTS_PROBE_INTERVAL_SECONDS", "3600");
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        User ann = signedIn();
        String first = ann.generate(ann.deck("One", "Un"));
        RunningServer.eventually(() -> !ann.job(first).get("waitingFor").isNull());
        String next = ann.generate(ann.deck("Two", "Deux"));
        browser.press("History");
        browser.sees("Workers alive");
        browser.sees(", in the server");
        browser.sees("Texts that wait\n4");
        browser.sees(" of 60,000");
        browser.sees("The account ");
        browser.sees("insufficient_quota");
        running.voice.faults(VoiceFaults.none());
        browser.press("Go on now");
        browser.seesNoMore("insufficient_quota");
        ann.await(next, "completed");
        browser.find("table.jobs .badge-good");

        browser.press("Pause the work");
        browser.type("Reason", "The bill is looked into.");
        browser.find("dialog button.primary").click();
        browser.sees("The work was paused by whoever runs this server: The bill is looked into.");
        browser.press("Go on now");
        browser.seesNoMore("The bill is looked into.");
        browser.noComplaints();
    }

    @Test
    void operators_see_what_failed_send_webhooks_again_and_block_users() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            start(
                    "ADMIN_EMAILS",
                    "ann@example.org",
                    "WEBHOOK_SECRET",
                    "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
                    "WEBHOOK_ALLOW_PRIVATE",
                    "true");
            receiver.answer(410);
            running.voice.faults(VoiceFaults.always(FaultKind.REFUSED));
            User bob = running.register("bob@example.org");
            Map<String, Object> request = new HashMap<>(bob.requestFor(bob.deck("One", "Un")));
            request.put("webhookUrl", receiver.url());
            String job =
                    bob.post("/api/tts/generate", request).json().get("jobId").textValue();
            bob.await(job, "failed");
            RunningServer.eventually(() -> bob.get("/api/tts/jobs/" + job + "/deliveries")
                    .json()
                    .at("/deliveries/0/state")
                    .asText()
                    .equals("dead"));
            signedIn();
            browser.press("History");
            browser.sees("· bob@example.org · 1 card");
            browser.sees("the receiver answered 410");
            receiver.answer(204);
            browser.press("Send again");
            browser.sees("It is sent again now.");
            browser.sees("None was given up.");
            RunningServer.eventually(() -> receiver.received().size() == 2);

            browser.type("E-mail address of a user", "bob@example.org");
            browser.press("Block");
            browser.sees("bob@example.org is signed out at once");
            browser.find("dialog button.primary").click();
            browser.sees("The user is blocked.");
            assertEquals(401, bob.get("/api/my-decks").status());
            browser.press("Lift the block of bob@example.org");
            browser.sees("bob@example.org may sign in again.");
            browser.until(
                    "the list is empty",
                    () -> browser.shown("Lift the block of bob@example.org").isEmpty());
            browser.noComplaints();
        }
    }

    @Test
    void a_changed_password_signs_everybody_else_out() {
        start();
        register("ann@example.org");
        User elsewhere = running.withToken(
                (String) browser.script("return JSON.parse(sessionStorage.getItem('tts-jobs.session')).token"));
        browser.press("History");
        browser.press("Change the password");
        browser.type("Present password", "wrong horse");
        browser.type("New password", "battery staple");
        browser.find("dialog button.primary").click();
        browser.sees("Password: this is not the present one.");
        assertEquals(200, elsewhere.get("/api/my-decks").status());
        browser.type("Present password", "correct horse");
        browser.find("dialog button.primary").click();
        browser.sees("Your password is changed.");

        assertEquals(401, elsewhere.get("/api/my-decks").status());
        browser.driver.navigate().refresh();
        browser.press("Decks");
        browser.sees("Your decks");

        browser.language("fr");
        browser.press("Historique");
        browser.press("Changer le mot de passe");
        browser.type("Mot de passe actuel", "wrong horse");
        browser.type("Nouveau mot de passe", "        ");
        browser.find("dialog button.primary").click();
        browser.sees("Nouveau mot de passe : ne peut pas être vide.");
        browser.noComplaintsButRefusals();
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
    void the_other_language_stays_chosen() {
        start();
        signedIn();
        browser.press("Français");
        browser.sees("Vos paquets");
        assertEquals("fr", browser.script("return document.documentElement.lang"));
        browser.driver.navigate().refresh();
        browser.sees("Vos paquets");
        browser.noComplaints();

        browser.press("Se déconnecter");
        browser.press("Pas encore de compte ? En créer un");
        browser.type("Adresse e-mail", "ann@example.org");
        browser.type("Mot de passe", "correct horse");
        browser.find("form button.primary").click();
        browser.sees("Il existe déjà un compte avec cette adresse. Connectez-vous.");
        browser.noComplaintsButRefusals();
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
