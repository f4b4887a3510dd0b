package dev.ttsjobs.examples.worker;

/**
 * Something that no log may show. Immutable and thread-safe.
 *
 * @param value the secret itself
 */
public record Secret(String value) {

    @Override
    public String toString() {
        return "***";
    }
}
