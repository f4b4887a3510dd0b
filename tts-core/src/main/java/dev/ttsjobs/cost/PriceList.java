package dev.ttsjobs.cost;

import dev.ttsjobs.job.Usage;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.text.SpokenText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What models cost, in US dollars. Dated data, to be overridden where it no longer holds. Immutable and thread-safe.
 *
 * @param models the prices by model; one for {@code tts-1} is also for its snapshots, such as {@code tts-1-1106}, unless
 *     they have their own
 * @param otherwise the price of models that are not listed
 * @param asOf when the prices were looked up
 * @param source where
 */
public record PriceList(Map<String, Price> models, Price otherwise, LocalDate asOf, String source) {

    /** 48 ms each: 0.015 dollars a minute at 12 dollars a million, as the provider's model page has both. */
    private static final double AUDIO_TOKENS_A_SECOND = 1250 / 60.0;

    /**
     * Speech of one text was heard to last from half as long as estimated to nearly a quarter longer, and models add words
     * or leave them out: half and twice are the bounds.
     */
    private static final double SPREAD = 2;

    /**
     * The provider's prices of 2026-11: for a million characters {@code tts-1} 15 and {@code tts-1-hd} 30; {@code
     * gpt-4o-mini-tts} 0.60 for a million tokens of text and 12 for a million of audio, which comes to about 17 for a million
     * characters of English or French. Other models are taken to cost 15 for a million characters.
     */
    public static final PriceList OPENAI = new PriceList(
            Map.of(
                    "tts-1", Price.perMillionCharacters(BigDecimal.valueOf(15)),
                    "tts-1-hd", Price.perMillionCharacters(BigDecimal.valueOf(30)),
                    "gpt-4o-mini-tts", Price.perMillionTokens(new BigDecimal("0.60"), BigDecimal.valueOf(12))),
            Price.perMillionCharacters(BigDecimal.valueOf(15)),
            LocalDate.of(2026, 11, 23),
            "the provider's model pages");

    public PriceList {
        models = Map.copyOf(models);
        Objects.requireNonNull(otherwise, "otherwise");
        Objects.requireNonNull(asOf, "asOf");
        Objects.requireNonNull(source, "source");
    }

    /**
     * What is paid for; the sum of the three.
     *
     * @param characters dollars for a million characters (code points) of text
     * @param textTokens dollars for a million tokens of text and instructions
     * @param audioTokens dollars for a million tokens of speech, of which a second has about 20.8
     */
    public record Price(BigDecimal characters, BigDecimal textTokens, BigDecimal audioTokens) {

        /** @throws IllegalArgumentException when a price is negative */
        public Price {
            if (characters.signum() < 0 || textTokens.signum() < 0 || audioTokens.signum() < 0) {
                throw new IllegalArgumentException("a price is not negative");
            }
        }

        /** A price that is known before: so much for a million characters. */
        public static Price perMillionCharacters(BigDecimal usd) {
            return new Price(usd, BigDecimal.ZERO, BigDecimal.ZERO);
        }

        /** A price that depends on how long the speech turns out. */
        public static Price perMillionTokens(BigDecimal text, BigDecimal audio) {
            return new Price(BigDecimal.ZERO, text, audio);
        }

        private BigDecimal of(double someCharacters, double someTextTokens, double someAudioTokens) {
            return characters
                    .multiply(BigDecimal.valueOf(someCharacters))
                    .add(textTokens.multiply(BigDecimal.valueOf(someTextTokens)))
                    .add(audioTokens.multiply(BigDecimal.valueOf(someAudioTokens)))
                    .movePointLeft(6)
                    .setScale(9, RoundingMode.HALF_UP);
        }
    }

    /** One price for everything, said by the host. */
    public static PriceList flat(BigDecimal perMillionCharacters) {
        return new PriceList(
                Map.of(),
                Price.perMillionCharacters(perMillionCharacters),
                OPENAI.asOf(),
                "the application's settings");
    }

    /** These prices, with that one for a model instead of any it had. */
    public PriceList with(String model, Price price, LocalDate asOf, String source) {
        Map<String, Price> more = new HashMap<>(models);
        more.put(model, price);
        return new PriceList(more, otherwise, asOf, source);
    }

    /** The price of a model, by its whole name or by the longest beginning of it that is listed. */
    public Price price(String model) {
        return models.entrySet().stream()
                .filter(each -> model.equals(each.getKey()) || model.startsWith(each.getKey() + "-"))
                .max(Comparator.comparingInt(each -> each.getKey().length()))
                .map(Map.Entry::getValue)
                .orElse(otherwise);
    }

    /**
     * What so many characters cost, in US dollars, to six decimals. Where tokens are paid for, as many as a text in a
     * language of letters and spaces takes, spoken at 15 characters a second.
     */
    public BigDecimal cost(String model, long characters) {
        return price(model)
                .of(characters, characters / 4.0, characters / SpokenText.CHARACTERS_A_SECOND * AUDIO_TOKENS_A_SECOND)
                .setScale(6, RoundingMode.HALF_UP);
    }

    /**
     * What was bought has cost, in US dollars, to six decimals: by its characters, and where audio is paid for, by how long it
     * is. Instructions, which the ledger does not keep, are left out: about a hundredth of the whole where texts are short.
     */
    public BigDecimal cost(String model, Usage spent) {
        return price(model)
                .of(
                        spent.billedCharacters(),
                        spent.billedCharacters() / 4.0,
                        spent.billedAudio().toMillis() / 1000.0 * AUDIO_TOKENS_A_SECOND)
                .setScale(6, RoundingMode.HALF_UP);
    }

    /** What a text in a voice costs: known exactly, low and high alike, where characters are paid for. */
    public CostEstimate.Usd cost(Voice voice, String text) {
        Price price = price(voice.model());
        String instructions = voice.takesInstructions() && voice.instructions() != null ? voice.instructions() : "";
        int characters = text.codePointCount(0, text.length());
        int most = SpokenText.tokens(text) + (instructions.isEmpty() ? 0 : SpokenText.tokens(instructions));
        // The estimate of tokens is one from above: Latin letters come four to a token, not three.
        double usual = most * 0.75;
        double audio = SpokenText.seconds(text) / voice.speed() * AUDIO_TOKENS_A_SECOND;
        return new CostEstimate.Usd(
                price.of(characters, usual, audio / SPREAD),
                price.of(characters, usual, audio),
                price.of(characters, most, audio * SPREAD));
    }
}
