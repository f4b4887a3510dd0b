package dev.ttsjobs.job;

import java.time.Duration;
import java.util.Objects;

/**
 * What a job has cost so far. Characters are code points of the normalised texts; each distinct clip counts once within a
 * job. Immutable and thread-safe.
 *
 * @param characters the characters of all distinct clips
 * @param billedCharacters those that the provider was paid for on this job's account: not found ready, and not bought by
 *     another job
 * @param clips the distinct clips
 * @param billedClips those that were bought on this job's account
 * @param attempts the calls on record for those that were bought: one each, and those that failed before. Calls that cost no
 *     attempt, such as those that were told to slow down, are not among them
 * @param billedAudio how long the audio is that was bought, to the millisecond of each clip
 */
public record Usage(
        long characters, long billedCharacters, int clips, int billedClips, int attempts, Duration billedAudio) {

    /** Nothing. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, Duration.ZERO);

    /** @throws IllegalArgumentException when a figure is negative */
    public Usage {
        Objects.requireNonNull(billedAudio, "billedAudio");
        if (characters < 0
                || billedCharacters < 0
                || clips < 0
                || billedClips < 0
                || attempts < 0
                || billedAudio.isNegative()) {
            throw new IllegalArgumentException("usage is never negative");
        }
    }

    /** Some distinct clips that nothing was paid for yet. */
    public static Usage wanted(long characters, int clips) {
        return new Usage(characters, 0, clips, 0, 0, Duration.ZERO);
    }

    /** What one clip has cost that was bought. */
    public static Usage bought(long characters, int attempts, Duration audio) {
        return new Usage(0, characters, 0, 1, attempts, audio);
    }

    /** Both together; a number of clips or attempts that is too large for an {@code int} stays at the largest there is. */
    public Usage plus(Usage other) {
        return new Usage(
                characters + other.characters,
                billedCharacters + other.billedCharacters,
                sum(clips, other.clips),
                sum(billedClips, other.billedClips),
                sum(attempts, other.attempts),
                billedAudio.plus(other.billedAudio));
    }

    private static int sum(int some, int others) {
        return (int) Math.min(Integer.MAX_VALUE, (long) some + others);
    }
}
