package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.JobStore.Receipt;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.storage.AudioName;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What clients see of their jobs, compared with what they saw before. */
final class JobWatch {

    private final World world;
    private final Map<JobId, Seen> jobs = new LinkedHashMap<>();
    private final Set<ClipKey> wanted = new HashSet<>();

    JobWatch(World world) {
        this.world = world;
    }

    private static final class Seen {
        final Submission submission;
        Job last;
        List<PhraseResult> results = List.of();
        /** Set when a client asked for something that may reopen or end the job. */
        boolean reopened;

        boolean cancelled;

        Seen(Submission submission) {
            this.submission = submission;
        }
    }

    // What clients do

    void submitted(Submission submission, Receipt receipt) {
        Seen first = earlier(submission);
        if (first == null) {
            Violation.unless(
                    !receipt.replayed() && receipt.id().equals(submission.id()),
                    () -> "a new job was taken for another: " + receipt);
            jobs.put(receipt.id(), new Seen(submission));
            world.leases.renewed(keys(submission));
        } else {
            Violation.unless(
                    receipt.replayed() && receipt.id().equals(first.submission.id()),
                    () -> "a repeated submit made another job: " + receipt);
        }
        check();
    }

    private Seen earlier(Submission submission) {
        Seen sameId = jobs.get(submission.id());
        String key = submission.terms().idempotencyKey();
        if (sameId != null || key == null) {
            return sameId;
        }
        return jobs.values().stream()
                .filter(seen -> key.equals(seen.submission.terms().idempotencyKey()))
                .filter(seen -> seen.submission
                        .details()
                        .owner()
                        .equals(submission.details().owner()))
                .findFirst()
                .orElse(null);
    }

    void cancelled(JobId id, boolean answer) {
        Seen seen = Objects.requireNonNull(jobs.get(id));
        boolean living = !seen.last.status().hasEnded();
        Violation.unless(answer == living, () -> "cancel said " + answer + " of a job that was " + seen.last.status());
        seen.cancelled = answer;
        check();
    }

    void retried(JobId id, boolean answer) {
        Seen seen = Objects.requireNonNull(jobs.get(id));
        boolean expected = (seen.last.status() == JobStatus.COMPLETED || seen.last.status() == JobStatus.FAILED)
                && seen.last.progress().failed() > 0;
        Violation.unless(answer == expected, () -> "retry said " + answer + " of " + seen.last);
        seen.reopened = answer;
        if (answer) {
            world.leases.renewed(keys(seen.submission));
        }
        check();
    }

    private static Collection<ClipKey> keys(Submission submission) {
        Set<ClipKey> keys = new HashSet<>();
        for (Clip clip : submission.clips().values()) {
            keys.add(clip.key());
            clip.parts().forEach(part -> keys.add(part.key()));
        }
        return keys;
    }

    // What is asked of the whole

    boolean wants(ClipKey key) {
        return wanted.contains(key);
    }

    Set<JobId> ids() {
        return jobs.keySet();
    }

    boolean allEnded() {
        return jobs.values().stream().allMatch(seen -> seen.last.status().hasEnded());
    }

    String living() {
        return jobs.values().stream()
                .filter(seen -> !seen.last.status().hasEnded())
                .map(seen -> seen.last.toString())
                .toList()
                .toString();
    }

    /** Looks at all jobs. */
    void check() {
        wanted.clear();
        int billed = 0;
        for (Map.Entry<JobId, Seen> entry : jobs.entrySet()) {
            Seen seen = entry.getValue();
            Job now = world.queue
                    .find(entry.getKey())
                    .orElseThrow(() -> new Violation("an accepted job is gone: " + entry.getKey()));
            boolean ends = now.status().hasEnded()
                    && (seen.last == null || !seen.last.status().hasEnded() || seen.reopened);
            compare(seen, now);
            seen.last = now;
            if (ends) {
                world.events.ended(now.id());
            }
            billed += now.usage().billedClips();
            if (!now.status().hasEnded()) {
                addWanted(seen);
            }
        }
        int total = billed;
        Violation.unless(
                total == world.leases.paid(), () -> total + " clips are billed, of " + world.leases.paid() + " paid");
    }

    private void compare(Seen seen, Job now) {
        Job before = seen.last;
        boolean same =
                before != null && before.timeline().version() == now.timeline().version();
        if (same) {
            Violation.unless(
                    before.status() == now.status()
                            && before.progress().processed() == now.progress().processed()
                            && before.progress().failed() == now.progress().failed(),
                    () -> "a change under the same version: " + before + " to " + now);
            return;
        }
        List<PhraseResult> results = world.queue.results(now.id(), 0, Integer.MAX_VALUE);
        if (before != null) {
            compare(seen, before, now);
        }
        compareResults(seen, now, results);
        seen.results = results;
        seen.reopened = false;
        seen.cancelled = false;
    }

    private void compare(Seen seen, Job before, Job now) {
        Violation.unless(now.timeline().version() > before.timeline().version(), () -> "the version went back: " + now);
        if (seen.reopened) {
            return;
        }
        // A call that was under way when its job was called off may still have to be paid for.
        boolean onlyBilled = before.status() == now.status()
                && before.progress().equals(now.progress())
                && Objects.equals(
                        before.timeline().completedAt(), now.timeline().completedAt())
                && before.usage().billedClips() < now.usage().billedClips();
        Violation.unless(
                !before.status().hasEnded() || onlyBilled, () -> "an ended job changed: " + before + " to " + now);
        if (before.status().hasEnded()) {
            return;
        }
        Violation.unless(
                now.progress().processed() >= before.progress().processed(),
                () -> "progress went back: " + before + " to " + now);
        Violation.unless((now.status() == JobStatus.CANCELLED) == seen.cancelled, () -> "cancelled, or not: " + now);
        Violation.unless(
                now.status() != JobStatus.PENDING || before.status() == JobStatus.PENDING,
                () -> "pending once more: " + now);
    }

    private void compareResults(Seen seen, Job now, List<PhraseResult> results) {
        int ended = 0;
        int failed = 0;
        boolean anyAudio = false;
        for (int i = 0; i < results.size(); i++) {
            PhraseResult phrase = results.get(i);
            ended += phrase.hasEnded() ? 1 : 0;
            failed += phrase.hasEnded() && phrase.hasFailed() ? 1 : 0;
            for (Map.Entry<String, PhraseResult.Side> side : phrase.sides().entrySet()) {
                PhraseResult.Audio audio = side.getValue().audio();
                if (audio != null) {
                    anyAudio = true;
                    world.files.requireWhole(audio);
                    requireSaysTheText(seen.submission, i, side.getKey(), audio.name());
                }
                requireKept(seen, i, side.getKey(), side.getValue());
            }
        }
        int total = seen.submission.phrases().size();
        boolean right = results.size() == total
                && now.progress().total() == total
                && now.progress().processed() == ended
                && now.progress().failed() == failed;
        int counted = ended;
        Violation.unless(right, () -> counted + " of " + total + " phrases have ended, unlike in " + now);
        JobStatus end = anyAudio ? JobStatus.COMPLETED : JobStatus.FAILED;
        boolean rightEnd = now.status() == JobStatus.CANCELLED
                || (ended < total ? !now.status().hasEnded() : now.status() == end);
        Violation.unless(rightEnd, () -> counted + " of " + total + " phrases have ended, but: " + now);
    }

    private static void requireSaysTheText(Submission job, int phrase, String language, AudioName name) {
        Clip clip = job.clips().get(job.phrases().get(phrase).sides().get(language));
        boolean right = name.equals(SimulatedStorage.nameOf(clip))
                || (clip.parts().isEmpty() && name.equals(SimulatedStorage.nameOf(Jobs.other(clip.text()))));
        Violation.unless(right, () -> "audio of another text: " + name + " for \"" + clip.text() + "\"");
    }

    /** What a side has become it stays, unless what failed is made again. */
    private void requireKept(Seen seen, int phrase, String language, PhraseResult.Side now) {
        if (seen.results.isEmpty()) {
            return;
        }
        PhraseResult.Side before = seen.results.get(phrase).sides().get(language);
        boolean mayChange = before.equals(PhraseResult.Side.OPEN) || (seen.reopened && before.failure() != null);
        Violation.unless(mayChange || before.equals(now), () -> "a result changed: " + before + " to " + now);
    }

    private void addWanted(Seen seen) {
        for (int i = 0; i < seen.results.size(); i++) {
            PhraseResult phrase = seen.results.get(i);
            for (Map.Entry<String, ClipKey> side :
                    seen.submission.phrases().get(i).sides().entrySet()) {
                if (phrase.sides().get(side.getKey()).equals(PhraseResult.Side.OPEN)) {
                    wanted.add(side.getValue());
                    seen.submission.clips().get(side.getValue()).parts().forEach(part -> wanted.add(part.key()));
                }
            }
        }
    }
}
