package dev.ttsjobs.contract;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.Voice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Submissions in a few words, for contract tests. */
public final class Jobs {

    public static final Voice VOICE = Voice.of("alloy");

    public static final Voice OTHER_VOICE = Voice.of("x").withModel("kokoro");

    private Jobs() {}

    /** A job of an owner in the making; each phrase has one side, {@code en}. */
    public static Builder of(String owner) {
        return new Builder(owner);
    }

    public static Clip clip(String text) {
        return new Clip(ClipKey.of("openai", VOICE, text), text, VOICE, 1 + text.length() / 3, List.of());
    }

    /** The clip of another family that says the text. */
    public static Clip other(String text) {
        return Clip.spoken("kokoro", OTHER_VOICE, text);
    }

    /** A long text that is joined from the given ones. */
    public static Clip joined(String... texts) {
        List<Clip> parts = java.util.Arrays.stream(texts).map(Jobs::clip).toList();
        ClipKey key = ClipKey.ofParts(parts.stream().map(Clip::key).toList());
        return new Clip(key, String.join(" ", texts), VOICE, 1, parts);
    }

    public static AudioFacts facts(int millis) {
        return new AudioFacts(AudioFormat.MP3, 16L * millis + 1, Duration.ofMillis(millis), "ab".repeat(32));
    }

    public static Failure failure(FailureKind kind) {
        return Failure.of(kind, kind.name().toLowerCase(java.util.Locale.ROOT), "made to fail");
    }

    /** Builds a {@link Submission}. */
    public static final class Builder {
        private final String owner;
        private final List<Submission.Entry> phrases = new ArrayList<>();
        private final Map<ClipKey, Clip> clips = new LinkedHashMap<>();
        private JobId id = new JobId(UUID.randomUUID());
        private String reference;
        private String key;
        private String fingerprint = "0".repeat(64);
        private Priority priority = Priority.NORMAL;
        private AuditEntry.Origin origin = AuditEntry.Origin.UNKNOWN;
        private int jobsPerDay;
        private Quotas quotas = Quotas.NONE;
        private Rounds rounds = Rounds.NONE;

        private Builder(String owner) {
            this.owner = owner;
        }

        public Builder id(JobId id) {
            this.id = id;
            return this;
        }

        public Builder reference(String reference) {
            this.reference = reference;
            return this;
        }

        public Builder priority(Priority priority) {
            this.priority = priority;
            return this;
        }

        public Builder key(String key, char fingerprint) {
            this.key = key;
            this.fingerprint = String.valueOf(fingerprint).repeat(64);
            return this;
        }

        public Builder fingerprint(char digit) {
            this.fingerprint = String.valueOf(digit).repeat(64);
            return this;
        }

        public Builder by(String actor, String address) {
            this.origin = new AuditEntry.Origin(actor, address);
            return this;
        }

        public Builder quotas(Quotas quotas) {
            this.quotas = quotas;
            return this;
        }

        public Builder rounds(Rounds rounds) {
            this.rounds = rounds;
            return this;
        }

        public Builder jobsPerDay(int limit) {
            this.jobsPerDay = limit;
            return this;
        }

        public Builder say(String... texts) {
            for (String text : texts) {
                say(clip(text));
            }
            return this;
        }

        public Builder say(Clip clip) {
            clips.put(clip.key(), clip);
            phrases.add(new Submission.Entry("item-" + phrases.size(), Map.of("en", clip.key())));
            return this;
        }

        public Builder pair(String english, String french) {
            Clip en = clip(english);
            Clip fr = clip(french);
            clips.put(en.key(), en);
            clips.put(fr.key(), fr);
            Map<String, ClipKey> sides = new LinkedHashMap<>();
            sides.put("en", en.key());
            sides.put("fr", fr.key());
            phrases.add(new Submission.Entry(null, sides));
            return this;
        }

        public Submission build() {
            return new Submission(
                    id,
                    new Job.Details(owner, reference, priority, Map.of("colour", "blue")),
                    phrases,
                    clips,
                    origin,
                    new Submission.Terms(key, fingerprint, jobsPerDay, quotas, rounds));
        }
    }
}
