package dev.ttsjobs.job;

import dev.ttsjobs.speech.Voice;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a host asks for: phrases to be spoken, for an owner. Immutable and thread-safe; made by {@link #builder}. */
public final class JobRequest {

    private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[\\x21-\\x7e]{1,200}");

    private final @Nullable JobId id;
    private final Job.Details details;
    private final List<Phrase> phrases;
    private final Map<String, Voice> voices;
    private final @Nullable String idempotencyKey;
    private final AuditEntry.Origin origin;
    private final @Nullable BigDecimal maxCost;

    private JobRequest(Builder builder) {
        id = builder.id;
        details = new Job.Details(builder.owner, builder.reference, builder.priority, builder.attributes);
        phrases = Collections.unmodifiableList(new ArrayList<>(builder.phrases));
        voices = Map.copyOf(builder.voices);
        idempotencyKey = builder.idempotencyKey;
        origin = builder.origin;
        maxCost = builder.maxCost;
        if (phrases.isEmpty()) {
            throw new IllegalArgumentException("a job has at least one phrase");
        }
    }

    /** Starts a request for an owner: the host's name for whoever asks, 1 to 200 characters. */
    public static Builder builder(String owner) {
        return new Builder(owner);
    }

    /** The id the host chose; null when the library is to make one. */
    public @Nullable JobId id() {
        return id;
    }

    public Job.Details details() {
        return details;
    }

    public List<Phrase> phrases() {
        return phrases;
    }

    /** Voices by language, in lower case, that differ from the configured ones. */
    public Map<String, Voice> voices() {
        return voices;
    }

    public @Nullable String idempotencyKey() {
        return idempotencyKey;
    }

    /** Who asks for it, and from where. */
    public AuditEntry.Origin origin() {
        return origin;
    }

    /** The most it may cost, in US dollars; null for any sum. */
    public @Nullable BigDecimal maxCost() {
        return maxCost;
    }

    /** Builds a {@link JobRequest}. Not thread-safe. */
    public static final class Builder {

        private final String owner;
        private final List<Phrase> phrases = new ArrayList<>();
        private final Map<String, Voice> voices = new LinkedHashMap<>();
        private final Map<String, String> attributes = new LinkedHashMap<>();
        private @Nullable JobId id;
        private @Nullable String reference;
        private @Nullable String idempotencyKey;
        private Priority priority = Priority.NORMAL;
        private @Nullable BigDecimal maxCost;
        private AuditEntry.Origin origin = AuditEntry.Origin.UNKNOWN;

        private Builder(String owner) {
            this.owner = Objects.requireNonNull(owner, "owner");
        }

        /** Names the job, so that a submit can be repeated without making a second one. */
        public Builder id(JobId id) {
            this.id = id;
            return this;
        }

        /** What the job belongs to, such as a deck's id; at most 200 characters. */
        public Builder reference(@Nullable String reference) {
            this.reference = reference;
            return this;
        }

        /** {@link Priority#NORMAL} by default. */
        public Builder priority(Priority priority) {
            this.priority = Objects.requireNonNull(priority, "priority");
            return this;
        }

        /** Keeps a pair with the job; at most 16. */
        public Builder attribute(String name, String value) {
            attributes.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * Speaks a language with another voice than the configured one. As with {@code Voices}, {@code pt} is also for {@code
         * pt-BR} where that has no voice of its own here, and tags are compared without regard to case.
         *
         * @throws IllegalArgumentException when it is no language tag
         */
        public Builder voice(String language, Voice voice) {
            voices.put(
                    Phrase.requireLanguage(language).toLowerCase(Locale.ROOT), Objects.requireNonNull(voice, "voice"));
            return this;
        }

        /**
         * Makes repeated submits by the same owner with the same key one job; see {@code SpeechJobs.submit}.
         *
         * @throws IllegalArgumentException when the key is not 1 to 200 visible ASCII characters
         */
        public Builder idempotencyKey(@Nullable String key) {
            if (key != null && !IDEMPOTENCY_KEY.matcher(key).matches()) {
                throw new IllegalArgumentException("an idempotency key is 1 to 200 visible ASCII characters");
            }
            this.idempotencyKey = key;
            return this;
        }

        /**
         * Says for the audit log who asks, and from where; not known by default.
         *
         * @param actor in the host's words, such as a user's id; at most 200 characters
         * @param address such as an IP address; at most 100 characters; null when it is not known
         * @throws IllegalArgumentException when one of them is longer, or not well-formed text
         */
        public Builder by(String actor, @Nullable String address) {
            this.origin = new AuditEntry.Origin(Objects.requireNonNull(actor, "actor"), address);
            return this;
        }

        /**
         * Has the job refused, before anything is written, when what is not made yet would cost more; any sum by default.
         *
         * @param usd US dollars, 0 or more
         * @throws IllegalArgumentException when it is negative
         */
        public Builder maxCost(BigDecimal usd) {
            if (Objects.requireNonNull(usd, "usd").signum() < 0) {
                throw new IllegalArgumentException("maxCost is not negative");
            }
            this.maxCost = usd;
            return this;
        }

        public Builder phrase(Phrase phrase) {
            phrases.add(Objects.requireNonNull(phrase, "phrase"));
            return this;
        }

        /** Adds a phrase with one text. */
        public Builder phrase(@Nullable String itemId, String language, String text) {
            return phrase(Phrase.of(itemId, language, text));
        }

        public Builder phrases(Iterable<Phrase> more) {
            Objects.requireNonNull(more, "phrases").forEach(this::phrase);
            return this;
        }

        /** @throws IllegalArgumentException when there is no phrase, or something is longer than stated */
        public JobRequest build() {
            return new JobRequest(this);
        }
    }
}
