package dev.ttsjobs.queue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.queue.JobStore.Submission;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is used up under limits in the in-memory queue. */
final class MemoryCounts {

    private final MemoryAudio audio;
    private final Map<Day, Integer> days = new HashMap<>();
    private final Map<Counter, Long> used = new HashMap<>();

    MemoryCounts(MemoryAudio audio) {
        this.audio = audio;
    }

    private record Day(String owner, LocalDate date) {}

    /** What is counted, for whom, in which day or month. */
    private record Counter(Quotas.Measure measure, String owner, int period) {
        static Counter of(Quotas.Use use) {
            return new Counter(use.measure(), use.owner(), use.period());
        }
    }

    /** Counts a job, or refuses it and counts nothing. */
    void count(Submission submission, Instant now) {
        Quotas quotas = submission.terms().quotas();
        List<Clip> missing = submission.spoken().stream()
                .filter(clip -> audio.made(List.of(clip.key())).isEmpty())
                .toList();
        List<Quotas.Use> uses =
                quotas.uses(submission.details().owner(), submission.characters(), quotas.cost(missing), now);
        for (Quotas.Use use : uses) {
            long before = used.getOrDefault(Counter.of(use), 0L);
            if (before + use.amount() > use.limit()) {
                throw use.refusal(before, now);
            }
        }
        checkDailyLimit(submission, now);
        days.merge(new Day(submission.details().owner(), LocalDate.ofInstant(now, ZoneOffset.UTC)), 1, Integer::sum);
        uses.forEach(use -> used.merge(Counter.of(use), use.amount(), Long::sum));
    }

    private void checkDailyLimit(Submission submission, Instant now) {
        int limit = submission.terms().jobsPerDay();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (limit > 0 && jobsOn(today, submission.details().owner()) >= limit) {
            throw JobRefusedException.dailyLimit(limit, now);
        }
    }

    int jobsOn(LocalDate day, String owner) {
        return days.getOrDefault(new Day(owner, day), 0);
    }

    void prune(Instant before) {
        LocalDate first = LocalDate.ofInstant(before, ZoneOffset.UTC);
        days.keySet().removeIf(day -> day.date.isBefore(first));
        used.keySet().removeIf(counter -> counter.period < counter.measure.periodOf(first));
    }
}
