package dev.ttsjobs.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Looks at texts before they are accepted: a port, so that a host can ask a moderation service too. {@code SpeechJobs} asks
 * it once for each request that is submitted, in the thread of that call; what cannot be spoken at all
 * ({@link SpokenText#problem}: empty, too long, without a letter or digit) is refused before and without it.
 *
 * <pre>{@code
 * TextCheck moderation = texts -> service.flagged(texts.stream().map(TextCheck.Text::text).toList()).stream()
 *         .map(i -> TextCheck.Finding.refusal(texts.get(i).field(), "moderation", "is not spoken here"))
 *         .toList();
 * SpeechJobs jobs = SpeechJobs.builder(queue)
 *         .textCheck(TextCheck.standard().and(moderation))
 *         .build();
 * }</pre>
 *
 * <p>What a check throws reaches the caller of {@code submit}, and nothing is written: whether a service that is down lets
 * everything or nothing pass is for the host to say. Implementations are thread-safe.
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
     * Looks without any service, and only ever warns, for a guess is no reason to refuse. Its codes: {@code
     * control_characters}; {@code few_letters}, where less than half of what is not white space are letters and digits;
     * {@code looks_english} where French is meant, and {@code looks_french} where English is. Texts in other languages are
     * not looked at for their language.
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
     * @param field where it stands in the request, such as {@code phrases[3].texts.fr}, for the findings
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
     * @param code a word for programs, such as those that say it in another language
     * @param refused whether it must not be spoken; a warning otherwise
     * @param message one sentence for its author, in English, without the text
     */
    record Finding(String field, String code, boolean refused, String message) {

        public Finding {
            Objects.requireNonNull(field, "field");
            Objects.requireNonNull(code, "code");
            Objects.requireNonNull(message, "message");
        }

        /** A finding that lets the text through. */
        public static Finding warning(String field, String code, String message) {
            return new Finding(field, code, false, message);
        }

        /** A finding that stops the request. */
        public static Finding refusal(String field, String code, String message) {
            return new Finding(field, code, true, message);
        }
    }
}
