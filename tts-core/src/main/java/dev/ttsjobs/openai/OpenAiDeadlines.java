package dev.ttsjobs.openai;

import java.time.Duration;

/**
 * How long a call may take, part by part. Immutable and thread-safe.
 *
 * <p>The provider itself needs 5 to 10 ms a character and answers within a second; the defaults are wider, since a small
 * server that synthesizes on a CPU may be silent for a minute before its first byte.
 *
 * @param connect from the first packet to a connection, before TLS (which firstByte bounds); 10 s by default
 * @param firstByte from the connection to the first byte of audio, before {@code perCharacter} is added; 75 s by default
 * @param idle between two bytes of audio after the first; 60 s by default
 * @param total the whole call, to the last byte of audio, before {@code perCharacter} is added; 90 s by default
 * @param perCharacter what each character of the text adds to {@code firstByte} and {@code total}; 25 ms by default
 */
public record OpenAiDeadlines(
        Duration connect, Duration firstByte, Duration idle, Duration total, Duration perCharacter) {

    // Before STANDARD, whose making needs it.
    private static final Duration LONGEST = Duration.ofDays(1);

    /** The defaults named above: a text of 4,096 characters has 192 s in all. */
    public static final OpenAiDeadlines STANDARD = new OpenAiDeadlines(
            Duration.ofSeconds(10),
            Duration.ofSeconds(75),
            Duration.ofSeconds(60),
            Duration.ofSeconds(90),
            Duration.ofMillis(25));

    /**
     * @throws IllegalArgumentException when a deadline is below 1 ms or above one day, or {@code perCharacter} is negative
     *     or above 10 s
     */
    public OpenAiDeadlines {
        requireDeadline(connect, "connect");
        requireDeadline(firstByte, "firstByte");
        requireDeadline(idle, "idle");
        requireDeadline(total, "total");
        if (perCharacter.isNegative() || perCharacter.compareTo(Duration.ofSeconds(10)) > 0) {
            throw new IllegalArgumentException("perCharacter must be from 0 to 10 s");
        }
    }

    public OpenAiDeadlines withConnect(Duration connect) {
        return new OpenAiDeadlines(connect, firstByte, idle, total, perCharacter);
    }

    public OpenAiDeadlines withFirstByte(Duration firstByte) {
        return new OpenAiDeadlines(connect, firstByte, idle, total, perCharacter);
    }

    public OpenAiDeadlines withIdle(Duration idle) {
        return new OpenAiDeadlines(connect, firstByte, idle, total, perCharacter);
    }

    public OpenAiDeadlines withTotal(Duration total) {
        return new OpenAiDeadlines(connect, firstByte, idle, total, perCharacter);
    }

    public OpenAiDeadlines withPerCharacter(Duration perCharacter) {
        return new OpenAiDeadlines(connect, firstByte, idle, total, perCharacter);
    }

    Duration firstByteFor(int characters) {
        return firstByte.plus(perCharacter.multipliedBy(characters));
    }

    Duration totalFor(int characters) {
        return total.plus(perCharacter.multipliedBy(characters));
    }

    private static void requireDeadline(Duration deadline, String what) {
        if (deadline.compareTo(Duration.ofMillis(1)) < 0 || deadline.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(what + " must be from 1 ms to 1 day");
        }
    }
}
