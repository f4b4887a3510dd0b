package dev.ttsjobs.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Looks at texts before they are accepted: a port, so that a host can ask a moderation service too. What cannot be spoken at
 * all ({@link SpokenText#problem}) is refused without it. Implementations are thread-safe.
 */
@FunctionalInterface
public interface TextCheck {

    /**
     * What there is to say about the texts of one request, which come all at once, so that a service is asked once. Called
     * in the thread of the user's call, which waits.
     *
     * @return empty when all is well
     */
    List<Finding> check(List<Text> texts);

    /**
     * Looks without any service: at control characters, at texts with few letters, and at English where French is meant or
     * the other way round. Only ever warns, for a guess is no reason to refuse.
     */
    static TextCheck standard() {
        return new PlainTextCheck();
    }

    /** This check and then another one; both are asked. */
    default TextCheck and(TextCheck other) {
        Objects.requireNonNull(other, "other");
        return texts -> {
            List<Finding> findings = new ArrayList<>(check(texts));
            findings.addAll(other.check(texts));
            return findings;
        };
    }

    /**
     * A text that is to be spoken. Immutable.
     *
     * @param field where it stands in the request, for the findings
     * @param language what it is meant to be in, such as {@code en} or {@code pt-BR}
     */
    record Text(String field, String language, String text) {

        public Text {
            Objects.requireNonNull(field, "field");
            Objects.requireNonNull(language, "language");
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * Something to say about a text. Immutable.
     *
     * @param field the text's
     * @param refused whether it must not be spoken; a warning otherwise
     * @param message one sentence for its author, without the text
     */
    record Finding(String field, boolean refused, String message) {

        public Finding {
            Objects.requireNonNull(field, "field");
            Objects.requireNonNull(message, "message");
        }

        /** A finding that lets the text through. */
        public static Finding warning(String field, String message) {
            return new Finding(field, false, message);
        }

        /** A finding that stops the request. */
        public static Finding refusal(String field, String message) {
            return new Finding(field, true, message);
        }
    }
}
