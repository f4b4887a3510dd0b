package dev.ttsjobs.queue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A job made ready for the queue: texts normalised, checked and turned into clips. Immutable and thread-safe.
 *
 * @param id the job's name
 * @param details what it was submitted with
 * @param phrases its phrases, in order
 * @param clips the clips that its phrases refer to, by key; parts are inside their clips
 * @param origin who asks for it
 * @param terms under what terms it is taken
 */
public record Submission(
        JobId id,
        Job.Details details,
        List<Entry> phrases,
        Map<ClipKey, Clip> clips,
        AuditEntry.Origin origin,
        Terms terms) {

    public Submission {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(details, "details");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(terms, "terms");
        phrases = List.copyOf(phrases);
        clips = Collections.unmodifiableMap(new LinkedHashMap<>(clips));
        for (Entry phrase : phrases) {
            if (phrase.sides().isEmpty()) {
                throw new IllegalArgumentException("a phrase has at least one side, or it could never end");
            }
            if (!clips.keySet().containsAll(phrase.sides().values())) {
                throw new IllegalArgumentException("a phrase refers to a clip that is not there");
            }
        }
    }

    /** Every clip that is spoken, once: parts instead of the whole they make. */
    public Collection<Clip> spoken() {
        Map<ClipKey, Clip> spoken = new LinkedHashMap<>();
        for (Clip clip : clips.values()) {
            List<Clip> each = clip.parts().isEmpty() ? List.of(clip) : clip.parts();
            each.forEach(part -> spoken.put(part.key(), part));
        }
        return spoken.values();
    }

    /** The code points of every clip that is spoken, once. */
    public long characters() {
        return spoken().stream().mapToLong(Clip::characters).sum();
    }

    /**
     * One phrase: what each of its languages needs.
     *
     * @param itemId the host's name for it
     * @param sides the clip of each language, in the request's order
     */
    public record Entry(@Nullable String itemId, Map<String, ClipKey> sides) {

        public Entry {
            sides = Collections.unmodifiableMap(new LinkedHashMap<>(sides));
        }
    }

    /**
     * Under what terms a job is taken; checked in the same transaction that writes it.
     *
     * @param idempotencyKey makes repeated submits by one owner one job; null for none
     * @param fingerprint a hash of all that was asked for, 64 hexadecimal digits: what makes a repetition the same
     * @param jobsPerDay how many jobs the owner may have accepted on one day (UTC); 0 for any number
     * @param quotas what may be spent
     * @param rounds whether it is tried again by itself when it ends with something lacking
     */
    public record Terms(
            @Nullable String idempotencyKey, String fingerprint, int jobsPerDay, Quotas quotas, Rounds rounds) {

        public Terms {
            if (jobsPerDay < 0) {
                throw new IllegalArgumentException("jobsPerDay is 0 or more");
            }
            Objects.requireNonNull(rounds, "rounds");
        }

        public Terms(@Nullable String idempotencyKey, String fingerprint, int jobsPerDay, Quotas quotas) {
            this(idempotencyKey, fingerprint, jobsPerDay, quotas, Rounds.NONE);
        }
    }
}
