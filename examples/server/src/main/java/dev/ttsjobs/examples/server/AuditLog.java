package dev.ttsjobs.examples.server;

import dev.ttsjobs.job.Job;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * What users did to accounts, decks and webhooks, and when; only ever added to. What they do to jobs is in the queue's own
 * log, written with the job; submits, cancels and retries that stand here are of earlier versions, and are still shown.
 * Thread-safe.
 */
final class AuditLog {

    /** Sorts behind every id in every collation. */
    static final String AFTER_ALL_IDS = "g";

    private final Jdbi jdbi;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final AtomicLong last = new AtomicLong();

    AuditLog(Jdbi jdbi, InstantSource clock, RandomGenerator random) {
        this.jdbi = jdbi;
        this.clock = clock;
        this.random = random;
    }

    /** Something that somebody did. */
    record Entry(
            String id,
            Instant at,
            String actor,
            String action,
            @Nullable String jobId,
            @Nullable String deckId,
            @Nullable Integer phrases,
            @Nullable Long characters,
            @Nullable String address) {}

    void accountRegistered(Caller caller) {
        jdbi.useHandle(handle -> add(handle, caller, "account.registered", Subject.NONE));
    }

    /** Something was done to the caller's own account, or by an operator to another's, within the transaction that does it. */
    void account(Handle handle, Caller caller, String action) {
        add(handle, caller, action, Subject.NONE);
    }

    /** Adds an entry within the transaction that adds the deck. */
    void deckCreated(Handle handle, Caller caller, Decks.Deck deck) {
        deck(handle, caller, "deck.created", deck);
    }

    /** Adds an entry within the transaction that deletes the deck. */
    void deckDeleted(Handle handle, Caller caller, Decks.Deck deck) {
        deck(handle, caller, "deck.deleted", deck);
    }

    private void deck(Handle handle, Caller caller, String action, Decks.Deck deck) {
        add(handle, caller, action, new Subject(null, deck.id(), deck.cards().size(), null));
    }

    void webhookReplayed(Caller caller, Job job) {
        Subject subject = new Subject(
                job.id().toString(),
                job.details().reference(),
                job.progress().total(),
                job.usage().characters());
        jdbi.useHandle(handle -> add(handle, caller, "webhook.replayed", subject));
    }

    /** Something was done to a provider's account, by an operator. */
    void account(Caller caller, String action) {
        jdbi.useHandle(handle -> add(handle, caller, action, Subject.NONE));
    }

    /** What was done something to; null where it does not apply. */
    private record Subject(
            @Nullable String jobId,
            @Nullable String deckId,
            @Nullable Integer phrases,
            @Nullable Long characters) {

        static final Subject NONE = new Subject(null, null, null, null);
    }

    private void add(Handle handle, Caller caller, String action, Subject subject) {
        Instant now = clock.instant();
        handle.createUpdate("INSERT INTO audit (id, at_millis, actor, action, job_id, deck_id, phrases, characters,"
                        + " address) VALUES (:id, :at, :actor, :action, :job, :deck, :phrases, :characters, :address)")
                .bind("id", nextId(now))
                .bind("at", now.toEpochMilli())
                .bind("actor", caller.id())
                .bind("action", action)
                .bind("job", subject.jobId)
                .bind("deck", subject.deckId)
                .bind("phrases", subject.phrases)
                .bind("characters", subject.characters)
                .bind("address", caller.address())
                .execute();
    }

    /** Entries of an actor, newest first, before the given id; {@link #AFTER_ALL_IDS} for the newest. */
    List<Entry> of(String actor, String before, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT * FROM audit WHERE actor = :actor AND id < :before ORDER BY id DESC LIMIT :limit")
                .bind("actor", actor)
                .bind("before", before)
                .bind("limit", limit)
                .map((rows, context) -> new Entry(
                        rows.getString("id"),
                        Instant.ofEpochMilli(rows.getLong("at_millis")),
                        rows.getString("actor"),
                        rows.getString("action"),
                        rows.getString("job_id"),
                        rows.getString("deck_id"),
                        rows.getObject("phrases") == null ? null : rows.getInt("phrases"),
                        rows.getObject("characters") == null ? null : rows.getLong("characters"),
                        rows.getString("address")))
                .list());
    }

    /** Ids sort by time; within a process they keep the order of what happened, and the random end parts processes. */
    private String nextId(Instant now) {
        long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        long unique = last.updateAndGet(before -> Math.max(before + 1, micros));
        return String.format("%016x-%08x", unique, random.nextInt());
    }
}
