package dev.ttsjobs.openai;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a provider's words what must not be kept: anything that looks like a key, the key in use or a piece of it,
 * and the user's text, which many servers repeat.
 */
final class Redaction {

    /** Pieces of the key at least this long are hidden. */
    private static final int KEY_RUN = 6;

    /** Pieces of the text at least this long are hidden. */
    private static final int TEXT_RUN = 16;

    private static final int SHORTEST_KEY = 4;
    private static final int SHORTEST_TEXT = 3;

    /** Enough to hold any message that is kept; bounds the work. */
    private static final int LONGEST = 2000;

    /** Keys by their usual prefixes, what follows a scheme of authorization, and keys masked with stars. */
    private static final Pattern KEY_LIKE = Pattern.compile(
            "\\b(?:sk|pk|rk|sess)-[\\w*…-]+(?:\\.[\\w*…-]+)*|(?<=\\bBearer\\s)\\S+|[^\\s'\":=]*\\*{3,}[^\\s'\",]*");

    private final @Nullable ApiKey key;
    private final String text;

    Redaction(@Nullable ApiKey key, String text) {
        this.key = key;
        this.text = text;
    }

    String apply(String message) {
        String clean = message.length() <= LONGEST ? message : message.substring(0, LONGEST);
        if (key != null && key.reveal().length() >= SHORTEST_KEY) {
            String secret = key.reveal();
            clean = hideRuns(clean, secret, Math.min(KEY_RUN, secret.length()), "***");
        }
        clean = KEY_LIKE.matcher(clean).replaceAll("***");
        return hideText(clean);
    }

    private String hideText(String message) {
        if (text.length() >= TEXT_RUN) {
            return hideRuns(message, text, TEXT_RUN, "[text]");
        }
        if (text.length() < SHORTEST_TEXT) {
            return message;
        }
        // A short text may be a part of an ordinary word; only where it stands alone is it the user's.
        String alone = "(?<![\\p{L}\\p{N}])" + Pattern.quote(text) + "(?![\\p{L}\\p{N}])";
        return Pattern.compile(alone).matcher(message).replaceAll("[text]");
    }

    /** Replaces every stretch of the message, of that many characters or more, that is a stretch of the secret too. */
    private static String hideRuns(String message, String secret, int run, String mark) {
        StringBuilder clean = new StringBuilder(message.length());
        int at = 0;
        while (at < message.length()) {
            int end = at + run;
            if (end > message.length() || !secret.contains(message.substring(at, end))) {
                clean.append(message.charAt(at++));
                continue;
            }
            while (end < message.length() && secret.contains(message.substring(at, end + 1))) {
                end++;
            }
            clean.append(mark);
            at = end;
        }
        return clean.toString();
    }
}
