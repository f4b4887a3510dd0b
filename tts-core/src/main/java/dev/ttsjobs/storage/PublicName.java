package dev.ttsjobs.storage;

import dev.ttsjobs.speech.AudioFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A readable name under which audio is published beside its own: {@code card-7_de.mp3}. It is made from what a host or its
 * users wrote, and yet fit for a path, a key and a URL: up to 80 lower-case letters of the alphabet, digits, {@code _} and
 * {@code -}, and the extension; no folder, no dot before it, none that Windows reserves.
 *
 * <p>What had to be changed for that (other letters, capitals, length) is told apart by an end of 16 hexadecimal digits
 * from the original, so {@code Straße}, {@code strasse} and {@code STRASSE} are three names, also where a file system takes
 * capitals for the same. Different texts give different names; the same text in another Unicode form gives the same.
 * Immutable and thread-safe.
 */
public final class PublicName implements Comparable<PublicName> {

    private static final int LONGEST = 80;
    private static final int LONGEST_TITLE = 150;
    private static final int MARK_DIGITS = 16;
    private static final String EXTENSION = "\\.(mp3|opus|aac|flac|wav|pcm)";
    private static final Pattern STEM = Pattern.compile("[a-z0-9][a-z0-9_-]{0," + (LONGEST - 1) + "}");
    private static final Pattern RESERVED = Pattern.compile("con|prn|aux|nul|(com|lpt)[0-9]");
    private static final Pattern MARKED = Pattern.compile(".*-[0-9a-f]{" + MARK_DIGITS + "}");
    private static final Pattern SHAPE = Pattern.compile(STEM.pattern() + EXTENSION);
    private static final Pattern COMBINING = Pattern.compile("\\p{M}+");
    private static final Pattern UNFIT = Pattern.compile("[^a-z0-9_-]+");
    private static final Pattern UNFIT_START = Pattern.compile("^[_-]+");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}\"\\\\/]+");

    private final String value;
    private final String title;

    private PublicName(String value, String title) {
        this.value = value;
        this.title = title;
    }

    /**
     * The name for a text, for instance a card's id and a language with {@code _} between them.
     *
     * @param wanted what to make it from, without an extension; of any length and content, but not blank
     * @throws IllegalArgumentException when it is blank
     */
    public static PublicName of(String wanted, AudioFormat format) {
        if (wanted.isBlank()) {
            throw new IllegalArgumentException("a public name is made from something that is not blank");
        }
        String composed = Normalizer.normalize(wanted, Normalizer.Form.NFC);
        String stem = fits(composed) ? composed : marked(composed);
        return new PublicName(stem + "." + format.wireName(), title(composed) + "." + format.wireName());
    }

    /**
     * A name that {@link #of} once made.
     *
     * @throws IllegalArgumentException when the value has another shape
     */
    public static PublicName parse(String value) {
        if (!isName(value)) {
            throw new IllegalArgumentException("not a public name that this library makes");
        }
        return new PublicName(value, value);
    }

    /** Whether a string has the shape of a public name; a question, so that hosts need not catch an exception. */
    public static boolean isName(String value) {
        return SHAPE.matcher(value).matches() && !isReserved(value.substring(0, value.indexOf('.')));
    }

    private static boolean fits(String stem) {
        // A text that ends as if it had been changed could be taken for another one that was.
        return STEM.matcher(stem).matches()
                && !isReserved(stem)
                && !MARKED.matcher(stem).matches();
    }

    private static boolean isReserved(String stem) {
        return RESERVED.matcher(stem).matches();
    }

    private static String marked(String composed) {
        String start = composed.substring(0, Math.min(composed.length(), LONGEST_TITLE));
        String letters = COMBINING
                .matcher(Normalizer.normalize(start, Normalizer.Form.NFKD))
                .replaceAll("");
        String lower = letters.toLowerCase(Locale.ROOT).replace("ß", "ss");
        String plain = UNFIT_START.matcher(UNFIT.matcher(lower).replaceAll("_")).replaceFirst("");
        String kept = plain.substring(0, Math.min(plain.length(), LONGEST - MARK_DIGITS - 1));
        return (kept.isEmpty() ? "audio" : kept) + "-" + mark(composed);
    }

    /** Of the chars themselves: half a surrogate pair has no UTF-8 of its own. */
    private static String mark(String composed) {
        ByteBuffer bytes = ByteBuffer.allocate(composed.length() * Character.BYTES);
        bytes.asCharBuffer().put(composed);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
            return HexFormat.of().formatHex(digest, 0, MARK_DIGITS / 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String title(String composed) {
        int end = Math.min(composed.length(), LONGEST_TITLE);
        String start = composed.substring(0, end);
        // Half a pair at the cut, or anywhere, is no letter.
        byte[] encoded = start.getBytes(StandardCharsets.UTF_8);
        return UNPRINTABLE
                .matcher(new String(encoded, StandardCharsets.UTF_8))
                .replaceAll("_")
                .strip();
    }

    /** The name with its extension, as it stands in a path or key. */
    public String value() {
        return value;
    }

    /**
     * What to offer a listener as the name of a download: the text that the name was made from, shortened, without control
     * characters, quotes and slashes, and the extension. A name that was parsed only has itself.
     */
    public String title() {
        return title;
    }

    /** What the audio is encoded as, by the extension. */
    public AudioFormat format() {
        return AudioFormat.of(value.substring(value.lastIndexOf('.') + 1));
    }

    @Override
    public int compareTo(PublicName other) {
        return value.compareTo(other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicName name && name.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
