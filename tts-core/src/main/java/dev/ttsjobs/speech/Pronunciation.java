package dev.ttsjobs.speech;

import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.text.SpokenText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What is said in the place of what is written, by language: {@code Pronunciation.NONE.word("en", "nginx", "engine x")}.
 * Rules are used in the order they were added, each on what the one before it made. A rule for {@code pt} is also for {@code
 * pt-BR}; tags are compared without regard to case.
 *
 * <p>Clips are known by the text as it is sent, so a new rule buys the texts that it changes again, and no others.
 * Immutable and thread-safe.
 */
public final class Pronunciation {

    /** No rules: texts are sent as they are. */
    public static final Pronunciation NONE = new Pronunciation(List.of());

    // Enough for any pattern that goes over a text a few hundred times; some 10 ms for a short text, 2 s for the
    // longest.
    private static final long READS_A_CHARACTER = 200;
    private static final long READS_AT_LEAST = 200_000;
    private static final int GROWTH = 10;
    private static final int GROWTH_AT_LEAST = 10_000;

    // What goes on with a word; scripts that write no spaces have no such edges.
    private static final String WORD = "[\\p{L}\\p{M}\\p{N}&&[^\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}"
            + "\\p{IsThai}\\p{IsLao}\\p{IsKhmer}\\p{IsMyanmar}]]";
    private static final Pattern BEGINS = Pattern.compile("^" + WORD);
    private static final Pattern ENDS = Pattern.compile(WORD + "$");

    private final List<Rule> rules;

    private record Rule(String language, Pattern pattern, String replacement) {}

    private Pronunciation(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * These rules, and one that says one thing for another wherever it is written, as it is written: case counts, and a word
     * within a longer word is left alone, but in scripts that put no spaces between words.
     *
     * @param language a language tag, such as {@code en} or {@code pt-BR}
     * @throws IllegalArgumentException when nothing is left of {@code written} once it is normalised
     */
    public Pronunciation word(String language, String written, String spoken) {
        String literal = SpokenText.normalize(written);
        if (literal.isEmpty()) {
            throw new IllegalArgumentException("a pronunciation rule says what is written, and that is not empty");
        }
        String before = BEGINS.matcher(literal).find() ? "(?<!" + WORD + ")" : "";
        String after = ENDS.matcher(literal).find() ? "(?!" + WORD + ")" : "";
        Pattern pattern = Pattern.compile(before + Pattern.quote(literal) + after);
        return with(new Rule(tag(language), pattern, Matcher.quoteReplacement(spoken)));
    }

    /**
     * These rules, and one that replaces every match of a regular expression. {@code \b}, {@code \w} and the like know all
     * scripts. Texts are matched once normalised, see {@link SpokenText#normalize}.
     *
     * @param language a language tag, such as {@code en} or {@code pt-BR}
     * @param regex as {@link Pattern} reads it
     * @param replacement as {@link Matcher#appendReplacement(StringBuilder, String)} reads it: {@code $1} for a group
     * @throws IllegalArgumentException when the expression, or the replacement for it, is not valid
     */
    public Pronunciation regex(String language, String regex, String replacement) {
        try {
            // The empty alternative matches at once, so that every group the replacement names is looked up.
            Matcher trial = Pattern.compile("|" + regex).matcher("");
            trial.find();
            trial.appendReplacement(new StringBuilder(), replacement);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("not a regular expression: " + e.getDescription(), e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "the replacement does not fit the regular expression: " + e.getMessage(), e);
        }
        return with(new Rule(tag(language), Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS), replacement));
    }

    private Pronunciation with(Rule rule) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(rule);
        return new Pronunciation(more);
    }

    /**
     * The text to be sent for a normalised text, normalised again.
     *
     * @throws RuleException when a rule goes over the text too often, or makes it too long; nothing of it is used then
     */
    public String apply(String language, String text) {
        String tag = tag(language);
        String result = text;
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            if (tag.equals(rule.language) || tag.startsWith(rule.language + "-")) {
                result = replace(rule, i + 1, result, (long) text.length() * GROWTH + GROWTH_AT_LEAST);
            }
        }
        return rules.isEmpty() ? text : SpokenText.normalize(result);
    }

    private static String replace(Rule rule, int number, String text, long longest) {
        StringBuilder result = new StringBuilder();
        try {
            Matcher matcher = rule.pattern.matcher(new CountedText(text, new Budget(text.length())));
            while (matcher.find()) {
                matcher.appendReplacement(result, rule.replacement);
                if (result.length() > longest) {
                    throw new RuleException(number, rule.language, "makes this text too long");
                }
            }
            matcher.appendTail(result);
        } catch (Budget.UsedUp | StackOverflowError e) {
            throw new RuleException(
                    number,
                    rule.language,
                    "goes over this text too often: its regular expression has too many ways to match");
        }
        return result.toString();
    }

    private static String tag(String language) {
        return language.toLowerCase(Locale.ROOT);
    }

    /** A rule cannot be used on a text. The message names the rule by its place and does not show the text. */
    public static final class RuleException extends TtsException {

        private static final long serialVersionUID = 1L;

        private RuleException(int number, String language, String why) {
            super("pronunciation rule " + number + " (" + language + ") " + why);
        }
    }

    /** How often a rule may look at a character. For one use. */
    private static final class Budget {

        private long left;

        Budget(int length) {
            left = READS_AT_LEAST + READS_A_CHARACTER * length;
        }

        void spend() {
            if (--left < 0) {
                throw new UsedUp();
            }
        }

        /** Ends a match from within. */
        static final class UsedUp extends RuntimeException {

            private static final long serialVersionUID = 1L;

            UsedUp() {
                super("used up", null, false, false);
            }
        }
    }

    /** A text that ends a match which goes back over it again and again: such a match could take years. */
    private record CountedText(String text, Budget budget) implements CharSequence {

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            budget.spend();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
