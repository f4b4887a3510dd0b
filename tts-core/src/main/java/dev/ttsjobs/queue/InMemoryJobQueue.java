package dev.ttsjobs.queue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.clip.ClipState;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The contract of the queue in plain Java: one lock, ordinary collections, no speed. Where an adapter and this class
 * differ, one of them is wrong.
 */
final class InMemoryJobQueue implements JobQueue {

    private static final Duration KEY_KEPT = Duration.ofDays(1);

    private final InstantSource clock;
    private final Map<ClipKey, MemoryClip> clips = new LinkedHashMap<>();
    private final Map<JobId, MemoryJob> jobs = new LinkedHashMap<>();
    private final Map<WorkerId, MemoryWorker> workers = new HashMap<>();
    /** What jobs have cost that are no longer there, by owner. */
    private final Map<String, Usage> pruned = new HashMap<>();

    private final Map<Day, Integer> days = new HashMap<>();
    private final Map<String, RateLimiter> limiters = new LinkedHashMap<>();
    /** Accounts that were paused by hand before anybody named their limit. */
    private final Map<String, RateLimiter.Pause> pausedUnseen = new LinkedHashMap<>();

    private final List<Runnable> signals = new CopyOnWriteArrayList<>();
    private final Map<Counter, Long> used = new HashMap<>();
    private final List<AuditEntry> audit = new ArrayList<>();
    private final MemoryOutbox outbox;
    private long numbers;

    InMemoryJobQueue(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.outbox = new MemoryOutbox(clock);
    }

    private record Day(String owner, LocalDate date) {}

    private static final class MemoryWorker {
        final Instant until;

        @Nullable
        Instant foundDeadAt;

        MemoryWorker(Instant until) {
            this.until = until;
        }
    }

    // The client's half

    @Override
    public Receipt submit(Submission submission) {
        Receipt receipt = accept(submission);
        wake();
        outbox.wake();
        return receipt;
    }

    @Override
    public Receipt submit(Submission submission, Connection connection) {
        throw new UnsupportedOperationException("the in-memory queue takes part in no transaction");
    }

    private synchronized Receipt accept(Submission submission) {
        Instant now = clock.instant();
        Optional<MemoryJob> before = repeated(submission, now);
        if (before.isPresent()) {
            return new Receipt(before.get().id(), true);
        }
        count(submission, now);
        MemoryJob job = new MemoryJob(
                submission,
                ++numbers,
                now,
                new Usage(submission.characters(), 0, submission.spoken().size(), 0));
        jobs.put(job.id(), job);
        note(
                AuditEntry.Action.SUBMITTED,
                submission.origin(),
                job,
                submission.phrases().size(),
                now);
        days.merge(new Day(submission.details().owner(), LocalDate.ofInstant(now, ZoneOffset.UTC)), 1, Integer::sum);

        enter(submission.clips().values());
        Place place = placeOf(submission);
        for (Clip clip : submission.clips().values()) {
            want(clip, place, job.id(), now);
        }
        boolean someReady = false;
        for (ClipKey key : submission.clips().keySet()) {
            if (clip(key).state == ClipState.DONE) {
                someReady |= job.end(key, MemoryJob.SideState.CACHED, null);
            }
        }
        if (someReady) {
            progress(job, now);
        }
        return new Receipt(job.id(), false);
    }

    /** Moves a job on, and writes its end into the outbox; says whether it ended. */
    private boolean progress(MemoryJob job, Instant now) {
        boolean ended = job.progress(now);
        if (ended) {
            boolean mayPass =
                    !job.failedSides(failure -> failure.kind().retryable()).isEmpty();
            job.retryAt = !mayPass
                    ? null
                    : job.submission
                            .terms()
                            .rounds()
                            .pauseAfter(job.rounds)
                            .map(now::plus)
                            .orElse(null);
            outbox.ended(job.snapshot(null), now);
        }
        return ended;
    }

    private Optional<MemoryJob> repeated(Submission submission, Instant now) {
        MemoryJob sameId = jobs.get(submission.id());
        if (sameId != null) {
            return Optional.of(requireSame(sameId, submission, JobRefusedException.Reason.ID_REUSED));
        }
        String key = submission.terms().idempotencyKey();
        if (key == null) {
            return Optional.empty();
        }
        return jobs.values().stream()
                .filter(job -> key.equals(job.submission.terms().idempotencyKey()))
                .filter(job -> job.submission
                        .details()
                        .owner()
                        .equals(submission.details().owner()))
                .filter(job -> job.createdAt.plus(KEY_KEPT).isAfter(now))
                .findFirst()
                .map(job -> requireSame(job, submission, JobRefusedException.Reason.KEY_REUSED));
    }

    private static MemoryJob requireSame(MemoryJob job, Submission again, JobRefusedException.Reason otherwise) {
        if (!job.submission.terms().fingerprint().equals(again.terms().fingerprint())) {
            throw JobRefusedException.reused(otherwise);
        }
        return job;
    }

    private void checkDailyLimit(Submission submission, Instant now) {
        int limit = submission.terms().jobsPerDay();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (limit > 0 && jobsOn(today, submission.details().owner()) >= limit) {
            throw JobRefusedException.dailyLimit(limit, now);
        }
    }

    /** What is counted, for whom, in which day or month. */
    private record Counter(Quotas.Measure measure, String owner, int period) {
        static Counter of(Quotas.Use use) {
            return new Counter(use.measure(), use.owner(), use.period());
        }
    }

    private void count(Submission submission, Instant now) {
        Quotas quotas = submission.terms().quotas();
        List<Clip> missing = submission.spoken().stream()
                .filter(clip -> made(List.of(clip.key())).isEmpty())
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
        uses.forEach(use -> used.merge(Counter.of(use), use.amount(), Long::sum));
    }

    /**
     * Where a job's clips stand in the queue: start-time fair queueing. A job begins level with the head of the queue and
     * then advances by one for each clip, or by more when its owner has other jobs, so that owners share alike.
     */
    private static final class Place {
        final Priority priority;
        final long step;
        long next;

        Place(Priority priority, long next, long step) {
            this.priority = priority;
            this.next = next;
            this.step = step;
        }
    }

    private Place placeOf(Submission submission) {
        Instant now = clock.instant();
        Priority priority = submission.details().priority();
        String owner = submission.details().owner();
        long head = clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED && clip.priority == priority)
                .filter(clip -> !clip.due.isAfter(now))
                .mapToLong(clip -> clip.position)
                .min()
                .orElse(0);
        long living = jobs.values().stream()
                .filter(job ->
                        job.isLiving() && job.submission.details().owner().equals(owner))
                .count();
        return new Place(priority, head, Math.max(1, living));
    }

    /** Numbers new clips, which decides between equal places: parts before wholes, and each in the order of their keys. */
    private void enter(Collection<Clip> wanted) {
        wanted.stream()
                .flatMap(clip -> Stream.concat(clip.parts().stream(), Stream.of(clip)))
                .sorted(Comparator.comparing((Clip clip) -> !clip.parts().isEmpty())
                        .thenComparing(Clip::key))
                .forEach(clip -> clips.computeIfAbsent(clip.key(), key -> new MemoryClip(clip, ++numbers)));
    }

    private MemoryClip clip(ClipKey key) {
        return Objects.requireNonNull(clips.get(key), "every side has its clip");
    }

    /** Sees to it that a clip will be made: new, revived, or merely moved to the better place. */
    private MemoryClip want(Clip clip, Place place, JobId payer, Instant now) {
        MemoryClip row = clip(clip.key());
        if (row.state == ClipState.DONE) {
            return row;
        }
        boolean asleep = !row.isLiving();
        boolean isUnwanted = !row.wanted;
        row.wanted = true;
        if (asleep) {
            row.state = ClipState.QUEUED;
            row.priority = place.priority;
            row.position = place.next;
            row.due = now;
            row.attempts = 0;
            row.failure = null;
            row.payer = payer;
        } else if (isUnwanted) {
            // It is in the hands of a worker that was about to drop it; whoever had ordered it is gone.
            row.payer = payer;
        }
        if (!asleep && isBetter(place, row)) {
            row.priority = place.priority;
            row.position = place.next;
        }
        if (clip.parts().isEmpty()) {
            place.next += place.step;
        } else if (row.state != ClipState.LEASED) {
            for (Clip part : clip.parts()) {
                want(part, place, payer, now).parents.add(row);
            }
            row.state = partsMissing(row) ? ClipState.WAITING : ClipState.QUEUED;
        }
        return row;
    }

    private static boolean isBetter(Place place, MemoryClip row) {
        int compared = place.priority.compareTo(row.priority);
        return compared > 0 || (compared == 0 && place.next < row.position);
    }

    private boolean partsMissing(MemoryClip row) {
        return row.clip.parts().stream().anyMatch(part -> clip(part.key()).state != ClipState.DONE);
    }

    @Override
    public synchronized Optional<Job> find(JobId id) {
        return Optional.ofNullable(jobs.get(id)).map(job -> job.snapshot(waitingFor()));
    }

    @Override
    public synchronized List<Job> find(Collection<JobId> ids) {
        return ids.stream().flatMap(id -> find(id).stream()).toList();
    }

    private Job.@Nullable WaitingFor waitingFor() {
        return pauses().values().stream()
                .min(Comparator.comparing(RateLimiter.Pause::since))
                .map(pause -> new Job.WaitingFor(pause.failure(), pause.since()))
                .orElse(null);
    }

    @Override
    public synchronized List<PhraseResult> results(JobId id, int from, int limit) {
        MemoryJob job = jobs.get(id);
        return job == null ? List.of() : job.results(from, limit, this::clip);
    }

    @Override
    public synchronized List<Job> list(JobQuery query) {
        MemoryJob before = query.before() == null ? null : jobs.get(query.before());
        if (query.before() != null && before == null) {
            return List.of();
        }
        Job.WaitingFor waitingFor = waitingFor();
        return jobs.values().stream()
                .filter(job -> before == null || job.number < before.number)
                .filter(job -> query.owner() == null
                        || query.owner().equals(job.submission.details().owner()))
                .filter(job -> query.status() == null || query.status() == job.status)
                .filter(job -> query.reference() == null
                        || query.reference().equals(job.submission.details().reference()))
                .sorted(Comparator.comparingLong((MemoryJob job) -> job.number).reversed())
                .limit(query.limit())
                .map(job -> job.snapshot(waitingFor))
                .toList();
    }

    @Override
    public boolean cancel(JobId id, AuditEntry.Origin origin) {
        boolean cancelled = withdraw(id, origin);
        if (cancelled) {
            wake();
            outbox.wake();
        }
        return cancelled;
    }

    private synchronized boolean withdraw(JobId id, AuditEntry.Origin origin) {
        MemoryJob job = jobs.get(id);
        if (job == null || !job.isLiving()) {
            return false;
        }
        job.status = JobStatus.CANCELLED;
        job.completedAt = clock.instant();
        job.version++;
        outbox.ended(job.snapshot(null), clock.instant());
        note(AuditEntry.Action.CANCELLED, origin, job, job.submission.phrases().size(), clock.instant());
        job.submission.clips().keySet().forEach(key -> dropIfUnwanted(clip(key)));
        return true;
    }

    /** Lets go of a clip that no living job waits for, and hands the bill of one that some job does to that job. */
    private void dropIfUnwanted(MemoryClip row) {
        if (!row.isLiving()) {
            return;
        }
        Optional<JobId> heir = heirOf(row);
        row.wanted = heir.isPresent();
        if (heir.isPresent()) {
            MemoryJob payer = row.payer == null ? null : jobs.get(row.payer);
            if (payer == null || !payer.isLiving()) {
                row.payer = heir.get();
            }
        } else if (row.state != ClipState.LEASED) {
            row.state = ClipState.WITHDRAWN;
        }
        row.clip.parts().forEach(part -> dropIfUnwanted(clip(part.key())));
    }

    private Optional<JobId> heirOf(MemoryClip row) {
        return jobs.values().stream()
                .filter(job -> job.wants(row.clip.key())
                        || row.parents.stream().anyMatch(parent -> parent.isLiving() && job.wants(parent.clip.key())))
                .map(MemoryJob::id)
                .findFirst();
    }

    @Override
    public boolean retry(JobId id, AuditEntry.Origin origin) {
        boolean retried = reopen(id, origin, failure -> true);
        if (retried) {
            wake();
            outbox.wake();
        }
        return retried;
    }

    private synchronized boolean reopen(JobId id, AuditEntry.Origin origin, Predicate<Failure> which) {
        MemoryJob job = jobs.get(id);
        if (job == null || job.isLiving() || job.status == JobStatus.CANCELLED || job.failed() == 0) {
            return false;
        }
        Instant now = clock.instant();
        note(AuditEntry.Action.RETRIED, origin, job, job.failed(), now);
        job.status = JobStatus.PROCESSING;
        job.completedAt = null;
        job.retryAt = null;
        Place place = placeOf(job.submission);
        List<MemoryJob.Side> sides = job.failedSides(which);
        Map<ClipKey, MemoryClip> rows = new LinkedHashMap<>();
        sides.forEach(side -> rows.computeIfAbsent(side.key, key -> want(clip(key).clip, place, id, now)));
        for (MemoryJob.Side side : sides) {
            boolean ready = Objects.requireNonNull(rows.get(side.key)).state == ClipState.DONE;
            side.state = ready ? MemoryJob.SideState.CACHED : MemoryJob.SideState.OPEN;
            side.failure = null;
        }
        List<MemoryJob.Side> left = job.failedSides(failure -> true);
        job.failure = left.isEmpty() ? null : left.get(0).failure;
        progress(job, now);
        return true;
    }

    @Override
    public int retryDue() {
        List<JobId> due;
        synchronized (this) {
            Instant now = clock.instant();
            due = jobs.values().stream()
                    .filter(job -> job.retryAt != null && !job.retryAt.isAfter(now))
                    .sorted(Comparator.<MemoryJob, Instant>comparing(job -> Objects.requireNonNull(job.retryAt))
                            .thenComparingLong(job -> job.number))
                    .map(MemoryJob::id)
                    .toList();
            for (JobId id : due) {
                Objects.requireNonNull(jobs.get(id)).rounds++;
                reopen(id, AuditEntry.Origin.UNKNOWN, failure -> failure.kind().retryable());
            }
        }
        if (!due.isEmpty()) {
            wake();
            outbox.wake();
        }
        return due.size();
    }

    @Override
    public synchronized void pause(String account, String reason) {
        Failure failure = JobStore.byHand(account, reason);
        RateLimiter limiter = limiters.get(account);
        if (limiter != null) {
            limiter.pause(failure);
        } else {
            pausedUnseen.put(account, new RateLimiter.Pause(failure, clock.instant(), RateLimiter.Pause.NEVER, 0));
        }
    }

    @Override
    public boolean resume(String account) {
        synchronized (this) {
            if (!pauses().containsKey(account)) {
                return false;
            }
            pausedUnseen.remove(account);
            Optional.ofNullable(limiters.get(account)).ifPresent(RateLimiter::resume);
        }
        wake();
        return true;
    }

    @Override
    public synchronized Map<String, RateLimiter.Pause> pauses() {
        Map<String, RateLimiter.Pause> pauses = new TreeMap<>(pausedUnseen);
        limiters.forEach((account, limiter) -> limiter.pause().ifPresent(pause -> pauses.put(account, pause)));
        return pauses;
    }

    private void note(AuditEntry.Action action, AuditEntry.Origin origin, MemoryJob job, int phrases, Instant now) {
        Job.Details details = job.submission.details();
        audit.add(new AuditEntry(
                audit.size() + 1L,
                now,
                action,
                origin,
                job.id(),
                details.owner(),
                details.reference(),
                phrases,
                job.usage.characters()));
    }

    @Override
    public synchronized List<AuditEntry> audit(@Nullable String owner, long before, int limit) {
        List<AuditEntry> page = new ArrayList<>();
        for (int i = audit.size() - 1; i >= 0 && page.size() < limit; i--) {
            AuditEntry entry = audit.get(i);
            if (entry.number() < before && (owner == null || owner.equals(entry.owner()))) {
                page.add(entry);
            }
        }
        return page;
    }

    @Override
    public synchronized Set<ClipKey> made(Collection<ClipKey> keys) {
        return keys.stream()
                .filter(key -> clips.containsKey(key) && clip(key).state == ClipState.DONE)
                .collect(Collectors.toSet());
    }

    @Override
    public synchronized List<AudioRecord> audio(@Nullable ClipKey after, int limit) {
        return clips.values().stream()
                .filter(clip -> clip.state == ClipState.DONE)
                .filter(clip -> after == null || clip.clip.key().compareTo(after) > 0)
                .sorted(Comparator.comparing((MemoryClip clip) -> clip.clip.key()))
                .limit(limit)
                .map(clip -> new AudioRecord(clip.clip.key(), Objects.requireNonNull(clip.facts), clip.madeAt))
                .toList();
    }

    @Override
    public boolean lost(AudioRecord record) {
        synchronized (this) {
            MemoryClip clip = clips.get(record.key());
            if (clip == null || !isOnRecord(clip, record)) {
                return false;
            }
            clip.state = partsMissing(clip) ? ClipState.WAITING : ClipState.QUEUED;
            clip.wanted = true;
            clip.payer = null;
            clip.attempts = 0;
            clip.due = clock.instant();
        }
        wake();
        return true;
    }

    @Override
    public synchronized Set<ClipKey> unused(Collection<ClipKey> keys) {
        Set<ClipKey> unused = new LinkedHashSet<>(keys);
        unused.removeIf(this::isInUse);
        return unused;
    }

    private boolean isInUse(ClipKey key) {
        MemoryClip row = clips.get(key);
        return jobs.values().stream().anyMatch(job -> job.refersTo(key))
                || (row != null
                        && row.parents.stream()
                                .anyMatch(parent -> parent.isLiving()
                                        || jobs.values().stream().anyMatch(job -> job.refersTo(parent.clip.key()))));
    }

    @Override
    public synchronized Set<ClipKey> forget(Collection<AudioRecord> records, Instant madeBefore) {
        Set<ClipKey> forgotten = new LinkedHashSet<>();
        for (AudioRecord record : records) {
            MemoryClip row = clips.get(record.key());
            if (row != null && isOnRecord(row, record) && row.madeAt.isBefore(madeBefore) && !isInUse(record.key())) {
                row.state = ClipState.WITHDRAWN;
                row.wanted = false;
                forgotten.add(record.key());
            }
        }
        return forgotten;
    }

    @Override
    public synchronized boolean whileForgotten(ClipKey key, Runnable action) {
        MemoryClip row = clips.get(key);
        if (row == null || row.state != ClipState.WITHDRAWN) {
            return false;
        }
        action.run();
        return true;
    }

    private static boolean isOnRecord(MemoryClip row, AudioRecord record) {
        return row.state == ClipState.DONE
                && row.facts != null
                && row.facts.sha256().equals(record.facts().sha256());
    }

    @Override
    public synchronized Usage usage(String owner) {
        return jobs.values().stream()
                .filter(job -> job.submission.details().owner().equals(owner))
                .map(job -> job.usage)
                .reduce(pruned.getOrDefault(owner, Usage.NONE), Usage::plus);
    }

    @Override
    public synchronized int jobsOn(LocalDate day, String owner) {
        return days.getOrDefault(new Day(owner, day), 0);
    }

    // The worker's half

    @Override
    public InstantSource clock() {
        return clock;
    }

    @Override
    public synchronized Beat beat(WorkerId worker, Duration lease) {
        workers.put(worker, new MemoryWorker(clock.instant().plus(lease)));
        return new Beat(clips.values().stream()
                .filter(clip -> clip.state == ClipState.LEASED && worker.equals(clip.worker) && !clip.wanted)
                .map(clip -> clip.clip.key())
                .collect(Collectors.toSet()));
    }

    @Override
    public void leave(WorkerId worker) {
        synchronized (this) {
            takeBack(worker);
            workers.remove(worker);
        }
        wake();
    }

    private int takeBack(WorkerId worker) {
        List<MemoryClip> held = clips.values().stream()
                .filter(clip -> clip.state == ClipState.LEASED && worker.equals(clip.worker))
                .toList();
        held.forEach(clip -> {
            clip.epoch++;
            putBack(clip, clock.instant());
        });
        return held.size();
    }

    private static void putBack(MemoryClip clip, Instant due) {
        clip.worker = null;
        clip.due = due;
        clip.state = clip.wanted ? ClipState.QUEUED : ClipState.WITHDRAWN;
    }

    @Override
    public synchronized List<Lease> claim(WorkerId worker, int max) {
        Instant now = clock.instant();
        List<MemoryClip> next = clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED && !clip.due.isAfter(now))
                .sorted(MemoryClip.ORDER)
                .limit(max)
                .toList();
        List<Lease> leases = new ArrayList<>();
        for (MemoryClip clip : next) {
            clip.state = ClipState.LEASED;
            clip.worker = worker;
            clip.epoch++;
            leases.add(new Lease(clip.clip, worker, clip.epoch, clip.attempts));
            startJobsOf(clip, now);
        }
        return leases;
    }

    private void startJobsOf(MemoryClip clip, Instant now) {
        for (MemoryJob job : jobs.values()) {
            boolean waits = job.wants(clip.clip.key())
                    || clip.parents.stream().anyMatch(parent -> job.wants(parent.clip.key()));
            if (waits && job.status == JobStatus.PENDING) {
                job.status = JobStatus.PROCESSING;
                job.startedAt = now;
                job.version++;
            }
        }
    }

    @Override
    public synchronized Set<Lease> begin(Collection<Lease> leases) {
        Set<Lease> granted = new LinkedHashSet<>();
        for (Lease lease : leases) {
            MemoryClip clip = clip(lease.clip().key());
            if (clip.isHeldUnder(lease) && clip.wanted) {
                clip.attempts++;
                granted.add(lease);
            }
        }
        return granted;
    }

    @Override
    public Settlement settle(Collection<Outcome> outcomes) {
        boolean[] queued = new boolean[1];
        Settlement settlement = settleAll(outcomes, queued);
        if (queued[0]) {
            wake();
        }
        if (!settlement.ended().isEmpty()) {
            outbox.wake();
        }
        return settlement;
    }

    private synchronized Settlement settleAll(Collection<Outcome> outcomes, boolean[] queued) {
        Instant now = clock.instant();
        Set<Lease> lost = new LinkedHashSet<>();
        Set<MemoryJob> touched = new LinkedHashSet<>();
        Set<MemoryJob> billed = new LinkedHashSet<>();
        Set<MemoryClip> failedWholes = new LinkedHashSet<>();
        for (Outcome outcome : outcomes) {
            MemoryClip clip = clip(outcome.lease().clip().key());
            if (!clip.isHeldUnder(outcome.lease())) {
                lost.add(outcome.lease());
            } else if (outcome instanceof Outcome.Made made) {
                queued[0] |= made(clip, made, touched, billed, now);
            } else if (outcome instanceof Outcome.GivenUp givenUp) {
                giveUp(clip, givenUp.failure(), touched, failedWholes);
            } else if (outcome instanceof Outcome.Again again) {
                boolean costs = again.failure().kind().costsAttempt();
                clip.attempts = costs ? clip.attempts : again.lease().attempts();
                clip.failure = again.failure();
                putBack(clip, now.plus(again.delay()));
            } else {
                clip.attempts = outcome.lease().attempts();
                putBack(clip, now);
            }
        }
        Set<JobId> changed = new LinkedHashSet<>();
        Set<JobId> ended = new LinkedHashSet<>();
        for (MemoryJob job : touched) {
            changed.add(job.id());
            if (progress(job, now)) {
                ended.add(job.id());
            }
        }
        billed.stream().filter(job -> !touched.contains(job)).forEach(job -> job.version++);
        failedWholes.forEach(whole -> whole.clip.parts().forEach(part -> dropIfUnwanted(clip(part.key()))));
        return new Settlement(lost, changed, ended);
    }

    private boolean made(
            MemoryClip clip, Outcome.Made outcome, Set<MemoryJob> touched, Set<MemoryJob> billed, Instant now) {
        clip.state = ClipState.DONE;
        clip.worker = null;
        clip.facts = outcome.facts();
        clip.madeAt = now;
        clip.failure = null;
        MemoryJob payer = clip.payer == null ? null : jobs.get(clip.payer);
        boolean isPaid = outcome.paid() && clip.clip.parts().isEmpty();
        if (isPaid && payer != null) {
            payer.usage = payer.usage.plus(new Usage(0, clip.clip.characters(), 0, 1));
            billed.add(payer);
        }
        for (MemoryJob job : jobs.values()) {
            boolean pays = job == payer && (isPaid || !clip.clip.parts().isEmpty());
            MemoryJob.SideState state = pays ? MemoryJob.SideState.MADE : MemoryJob.SideState.CACHED;
            if (job.isLiving() && job.end(clip.clip.key(), state, null)) {
                touched.add(job);
            }
        }
        boolean queued = false;
        for (MemoryClip parent : clip.parents) {
            if (parent.state == ClipState.WAITING && !partsMissing(parent)) {
                parent.state = ClipState.QUEUED;
                parent.due = now;
                queued = true;
            }
        }
        return queued;
    }

    private void giveUp(MemoryClip clip, Failure failure, Set<MemoryJob> touched, Set<MemoryClip> failedWholes) {
        clip.state = ClipState.FAILED;
        clip.worker = null;
        clip.failure = failure;
        for (MemoryJob job : jobs.values()) {
            if (job.isLiving() && job.end(clip.clip.key(), MemoryJob.SideState.FAILED, failure)) {
                touched.add(job);
            }
        }
        for (MemoryClip parent : clip.parents) {
            if (parent.state == ClipState.WAITING) {
                giveUp(parent, failure, touched, failedWholes);
                failedWholes.add(parent);
            }
        }
    }

    @Override
    public int rescue(Duration apart) {
        int rescued = 0;
        synchronized (this) {
            Instant now = clock.instant();
            enterUnknownHolders(now);
            for (Map.Entry<WorkerId, MemoryWorker> entry : List.copyOf(workers.entrySet())) {
                MemoryWorker worker = entry.getValue();
                if (worker.until.isAfter(now)) {
                    continue;
                }
                if (worker.foundDeadAt == null) {
                    worker.foundDeadAt = now;
                } else if (!worker.foundDeadAt.plus(apart).isAfter(now)) {
                    rescued += takeBack(entry.getKey());
                    workers.remove(entry.getKey());
                }
            }
        }
        if (rescued > 0) {
            wake();
        }
        return rescued;
    }

    /** A worker that was buried may claim once more before it beats, and die in between: it gets a grave, too. */
    private void enterUnknownHolders(Instant now) {
        clips.values().stream()
                .filter(clip -> clip.state == ClipState.LEASED)
                .map(clip -> Objects.requireNonNull(clip.worker))
                .forEach(holder -> workers.computeIfAbsent(holder, id -> new MemoryWorker(now)));
    }

    @Override
    public synchronized boolean prune(Duration retention) {
        Instant before = clock.instant().minus(ClipQueue.requireRetention(retention));
        LocalDate first = LocalDate.ofInstant(before, ZoneOffset.UTC);
        days.keySet().removeIf(day -> day.date.isBefore(first));
        used.keySet().removeIf(counter -> counter.period < counter.measure.periodOf(first));
        List<MemoryJob> old = jobs.values().stream()
                .filter(job -> job.completedAt != null && !job.completedAt.isAfter(before))
                .filter(job -> outbox.forget(job.id()))
                .toList();
        for (MemoryJob job : old) {
            jobs.remove(job.id());
            pruned.merge(job.submission.details().owner(), job.usage, Usage::plus);
        }
        return false;
    }

    @Override
    public synchronized Outlook outlook() {
        Instant now = clock.instant();
        Optional<Instant> next = clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED)
                .map(clip -> clip.due.isAfter(now) ? clip.due : now)
                .min(Comparator.naturalOrder());
        return new Outlook(now, next, count(ClipState.LEASED) > 0);
    }

    @Override
    public Signal onWork(Runnable wake) {
        signals.add(wake);
        return () -> signals.remove(wake);
    }

    @Override
    public void wake() {
        signals.forEach(Runnable::run);
    }

    @Override
    public synchronized RateLimiter limiter(String account, RateLimit limit) {
        return limiters.computeIfAbsent(account, name -> {
            RateLimiter limiter = RateLimiter.inProcess(limit, clock);
            Optional.ofNullable(pausedUnseen.remove(name)).ifPresent(pause -> limiter.pause(pause.failure()));
            return limiter;
        });
    }

    @Override
    public synchronized Depth depth() {
        Instant now = clock.instant();
        Optional<Instant> oldest = clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED && !clip.due.isAfter(now))
                .map(clip -> clip.due)
                .min(Comparator.naturalOrder());
        return new Depth(count(ClipState.QUEUED) + count(ClipState.WAITING), count(ClipState.LEASED), oldest);
    }

    private long count(ClipState state) {
        return clips.values().stream().filter(clip -> clip.state == state).count();
    }

    @Override
    public EventQueue events() {
        return outbox;
    }

    @Override
    public void close() {
        signals.clear();
    }
}
