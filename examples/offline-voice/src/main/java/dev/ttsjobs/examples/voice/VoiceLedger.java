package dev.ttsjobs.examples.voice;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the server was paid for: a witness in tests for speech that was bought twice. It keeps hashes, never a text. Safe
 * for use by many threads.
 *
 * <p>Calls are billed from the moment speaking begins, whether or not the client then gets the sound. The newest 10,000
 * calls are kept one by one, and the first 250,000 keys with their counts; the sums go on beyond that.
 */
public final class VoiceLedger {

    /**
     * One billed call.
     *
     * @param sequence counts billed calls from 1, and goes on after {@link #clear()}
     * @param key SHA-256 in hex over model, voice, format, speed, instructions and text
     * @param input SHA-256 in hex of the text alone, in UTF-8
     * @param characters how long the text is, in code points
     * @param at when speaking began
     * @param sent whether the whole answer has been written, without a fault
     */
    public record Entry(long sequence, String key, String input, int characters, Instant at, boolean sent) {}

    /**
     * All billed calls of one key.
     *
     * @param input SHA-256 in hex of the text
     * @param characters how long the text is, in code points
     * @param calls how many calls were billed
     * @param sent to how many the whole answer was written
     * @param first when the first one was billed
     * @param last when the last one was billed
     */
    public record Tally(String input, int characters, long calls, long sent, Instant first, Instant last) {}

    private static final int NEWEST = 10_000;
    private static final int MOST_KEYS = 250_000;

    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private final LinkedHashMap<Long, Entry> newest = new LinkedHashMap<>();
    private final TreeMap<Integer, Long> statuses = new TreeMap<>();
    private final TreeMap<FaultKind, Long> faults = new TreeMap<>();
    private long sequence;
    private long clearedAt;
    private long calls;
    private long characters;
    private long sent;
    private long uncounted;
    private int inHand;
    private int mostInHand;

    VoiceLedger() {}

    /** How many calls were billed. */
    public synchronized long calls() {
        return calls;
    }

    /** How many characters were billed. */
    public synchronized long characters() {
        return characters;
    }

    /** To how many billed calls the whole answer was written. */
    public synchronized long sent() {
        return sent;
    }

    /** How many different sounds were billed, of those whose keys are kept. */
    public synchronized int distinct() {
        return tallies.size();
    }

    /** How many billed calls had no room for their key; 0 unless there were more than 250,000 different ones. */
    public synchronized long uncounted() {
        return uncounted;
    }

    /** The most speech requests that were in hand at one time. */
    public synchronized int maxConcurrent() {
        return mostInHand;
    }

    /** How many speech requests were answered with each status, refused ones too. */
    public synchronized Map<Integer, Long> byStatus() {
        return new TreeMap<>(statuses);
    }

    /** How often each fault was played. */
    public synchronized Map<FaultKind, Long> byFault() {
        return new TreeMap<>(faults);
    }

    /** The billed calls of every key, the key first billed first. */
    public synchronized Map<String, Tally> byKey() {
        return new LinkedHashMap<>(tallies);
    }

    /** The newest billed calls, the oldest of them first. */
    public synchronized List<Entry> entries() {
        return new ArrayList<>(newest.values());
    }

    /** How many billed calls had this text, in whatever voice. */
    public synchronized long callsFor(String text) {
        return talliesOf(text).mapToLong(Tally::calls).sum();
    }

    /** When the first call with this text was billed, in whatever voice; empty where none was. */
    public synchronized Optional<Instant> firstCallFor(String text) {
        return talliesOf(text).map(Tally::first).min(Comparator.naturalOrder());
    }

    private Stream<Tally> talliesOf(String text) {
        String hash = SpeechCall.hash(text);
        return tallies.values().stream().filter(tally -> tally.input().equals(hash));
    }

    /** Forgets everything billed so far; requests in hand stay in hand. */
    public synchronized void clear() {
        tallies.clear();
        newest.clear();
        statuses.clear();
        faults.clear();
        clearedAt = sequence;
        calls = 0;
        characters = 0;
        sent = 0;
        uncounted = 0;
        mostInHand = inHand;
    }

    synchronized void enter() {
        inHand++;
        mostInHand = Math.max(mostInHand, inHand);
    }

    synchronized void leave() {
        inHand--;
    }

    synchronized void answered(int status) {
        statuses.merge(status, 1L, Long::sum);
    }

    synchronized void played(FaultKind fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    /** Bills a call. */
    synchronized Entry bill(SpeechCall call, Instant now) {
        Entry entry = new Entry(++sequence, call.key(), call.inputHash(), call.characters(), now, false);
        calls++;
        characters += entry.characters();
        newest.put(entry.sequence(), entry);
        if (newest.size() > NEWEST) {
            newest.remove(newest.keySet().iterator().next());
        }
        Tally tally = tallies.get(entry.key());
        if (tally != null) {
            tallies.put(
                    entry.key(),
                    new Tally(tally.input, tally.characters, tally.calls + 1, tally.sent, tally.first, now));
        } else if (tallies.size() < MOST_KEYS) {
            tallies.put(entry.key(), new Tally(entry.input(), entry.characters(), 1, 0, now, now));
        } else {
            uncounted++;
        }
        return entry;
    }

    /** Notes that a billed call has got all of its answer. */
    synchronized void sent(Entry entry) {
        if (entry.sequence <= clearedAt) {
            return;
        }
        sent++;
        newest.replace(
                entry.sequence, new Entry(entry.sequence, entry.key, entry.input, entry.characters, entry.at, true));
        tallies.computeIfPresent(
                entry.key,
                (key, tally) ->
                        new Tally(tally.input, tally.characters, tally.calls, tally.sent + 1, tally.first, tally.last));
    }
}
