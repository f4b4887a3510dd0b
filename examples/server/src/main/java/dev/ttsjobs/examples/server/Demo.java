package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.time.Sleeper;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Turns a deck of real cards into audio before the user's eyes, by the same code that serves the page. Repeated after it
 * was killed, it goes on with the same job.
 */
final class Demo {

    static final String USER = "demo";
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Workshop workshop;
    private final Accounts accounts;
    private final Decks decks;
    private final JobDesk desk;
    private final Tokens tokens;
    private final Jdbi jdbi;
    private final PrintStream out;

    Demo(Workshop workshop, Accounts accounts, Decks decks, JobDesk desk, Tokens tokens, Jdbi jdbi, PrintStream out) {
        this.workshop = workshop;
        this.accounts = accounts;
        this.decks = decks;
        this.desk = desk;
        this.tokens = tokens;
        this.jdbi = jdbi;
        this.out = out;
    }

    /** Makes the audio and says whether every phrase has it. */
    boolean run() throws InterruptedException {
        Caller caller =
                new Caller(accounts.withoutPassword(USER, "demo@example.org").id(), "127.0.0.1");
        Decks.Deck deck = deck(caller);
        Job job = job(caller, deck);
        out.println();
        out.println("  Voice:  " + workshop.voice());
        out.println("  Deck:   " + deck.name() + ", " + deck.cards().size() + " cards, English and French");
        String token = tokens.issue(caller.id(), 0);
        out.println("  Page:   http://localhost:" + workshop.settings().web().port() + "/#token=" + token);
        out.println("  Token:  " + token);
        out.println("  Files:  " + files());
        out.println();
        return report(follow(job.id()), deck);
    }

    private Decks.Deck deck(Caller caller) {
        Decks.Deck deck = DemoDeck.of(caller.id());
        if (decks.find(caller.id(), deck.id()).isEmpty()) {
            jdbi.useTransaction(handle -> decks.add(handle, deck));
        }
        return deck;
    }

    private Job job(Caller caller, Decks.Deck deck) {
        List<Phrase> phrases = deck.cards().stream()
                .map(card -> Phrase.of(card.id(), "en", card.question())
                        .and("fr", card.answers().get(0)))
                .toList();
        JobStore.Receipt receipt = desk.submit(
                caller, new JobBody(deck.id(), phrases, null, null, Map.of()), new JobDesk.Extras(key(), null));
        Job job = desk.find(caller, receipt.id().toString());
        if (job.status().hasEnded() && job.progress().failed() > 0) {
            desk.retry(caller, job.id().toString());
        }
        return job;
    }

    /** The same for the same voices, so that a demo that was killed is followed on; other voices are another job. */
    private String key() {
        Settings.Provider provider = workshop.settings().provider();
        Map<String, String> voices = new TreeMap<>(provider.voiceNames());
        String speakers = workshop.voice() + provider.model() + voices;
        return "demo-" + UUID.nameUUIDFromBytes(speakers.getBytes(StandardCharsets.UTF_8));
    }

    private Job follow(JobId id) throws InterruptedException {
        Job job = workshop.jobs().find(id).orElseThrow();
        try (DemoProgress progress = DemoProgress.on(out, job.progress().total())) {
            String told = "";
            while (!job.status().hasEnded()) {
                progress.at(job.progress().processed());
                String waiting = waiting(job.progress().waitingFor());
                if (!waiting.equals(told)) {
                    told = waiting;
                    progress.say(waiting.isEmpty() ? "going on" : waiting);
                }
                Sleeper.system().sleep(LOOK);
                job = workshop.jobs().find(id).orElseThrow();
            }
            progress.at(job.progress().processed());
        }
        return job;
    }

    private static String waiting(Job.@Nullable WaitingFor waiting) {
        return waiting == null
                ? ""
                : "waiting: " + waiting.failure().code() + ": "
                        + waiting.failure().message();
    }

    /** Counts what is really there, not what was meant to be. */
    private boolean report(Job job, Decks.Deck deck) {
        long whole = workshop.jobs().results(job.id()).stream()
                .filter(this::hasAllAudio)
                .count();
        out.println();
        out.println("  " + whole + " of " + deck.cards().size() + " cards have their audio.");
        if (job.progress().errorMessage() != null) {
            out.println("  " + job.progress().errorMessage());
        }
        return whole == deck.cards().size();
    }

    private boolean hasAllAudio(PhraseResult result) {
        return result.sides().values().stream()
                .map(PhraseResult.Side::audio)
                .allMatch(audio ->
                        audio != null && workshop.storage().find(audio.name()).isPresent());
    }

    private String files() {
        Settings.Storage storage = workshop.settings().storage();
        return storage.type() == Settings.StorageType.LOCAL
                ? storage.path().toAbsolutePath().normalize().toString()
                : "bucket " + storage.bucket();
    }
}
