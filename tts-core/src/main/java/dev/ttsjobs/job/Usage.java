package dev.ttsjobs.job;

/**
 * What a job has cost so far. Characters are code points of the normalised texts; each distinct clip counts once within a
 * job. Immutable and thread-safe.
 *
 * @param characters the characters of all distinct clips
 * @param billedCharacters those that the provider was paid for on this job's account: not found ready, and not bought by
 *     another job
 * @param clips the distinct clips
 * @param billedClips those that were bought on this job's account
 */
public record Usage(long characters, long billedCharacters, int clips, int billedClips) {

    /** Nothing. */
    public static final Usage NONE = new Usage(0, 0, 0, 0);

    public Usage {
        if (characters < 0 || billedCharacters < 0 || clips < 0 || billedClips < 0) {
            throw new IllegalArgumentException("usage is never negative");
        }
    }

    public Usage plus(Usage other) {
        return new Usage(
                characters + other.characters,
                billedCharacters + other.billedCharacters,
                clips + other.clips,
                billedClips + other.billedClips);
    }
}
