package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobQuery;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.queue.Outcome;
import dev.ttsjobs.queue.Submission;
import dev.ttsjobs.queue.WorkerId;
import dev.ttsjobs.time.Sleeper;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The queue in a relational database: PostgreSQL 12 or newer, SQLite, H2, or MariaDB 10.6 or newer. MySQL 8.0.1 or newer is
 * taken by the statements of MariaDB, which no test has run on it. Any number of processes may use one database; each takes
 * at most three connections, and a pool of one will do (of two on PostgreSQL while a worker listens). Thread-safe.
 *
 * <p>Every method throws {@link QueueException} when the database cannot be used.
 */
public final class JdbcJobQueue implements JobQueue {

    /** What other processes are told of. */
    private static final String WORK = "";

    private static final String EVENT = "event";

    private static final Duration CLOCK_WAS_SET = Duration.ofSeconds(1);

    private final DataSource source;
    private final Database database;
    private final Sql sql;
    private final JobReads reads;
    private final ClipRows clips;
    private final AudioRows audio;
    private final Leases leases;
    private final Audit audit;
    private final Submits submits;
    private final Settles settles;
    private final Refusals refusals;
    private final JobRounds rounds;
    private final Endings endings;
    private final Pruning pruning;
    private final String channel;
    private final Sleeper sleeper;
    private final JdbcOutbox outbox;
    private final RandomGenerator random = new SecureRandom();
    private final Signals signals = new Signals();
    private final Signals eventSignals = new Signals();
    private final Map<String, RateLimiter> limiters = new ConcurrentHashMap<>();
    /** The numbers of clips in this process's hands, so that they need not be looked up again. */
    private final Map<ClipKey, Long> held = new ConcurrentHashMap<>();

    private @Nullable PostgresListener listener;

    private JdbcJobQueue(Builder builder) {
        source = builder.source;
        sleeper = builder.sleeper;
        if (builder.migrate) {
            JdbcSchema.apply(source, builder.prefix);
        } else {
            JdbcSchema.verify(source, builder.prefix);
        }
        database = new Database(source, builder.prefix, builder.clock, builder.machine, sleeper);
        sql = new Sql(database.dialect(), builder.prefix);
        channel = builder.prefix + "work";
        refusals = new Refusals(sql, builder.hook != null);
        reads = new JobReads(sql, database::now, refusals);
        clips = new ClipRows(sql);
        audio = new AudioRows(sql, clips);
        leases = new Leases(sql, clips);
        Wanting wanting = new Wanting(sql, clips);
        outbox =
                new JdbcOutbox(database, sql, handle -> notifyOthers(handle, EVENT), this::onEvent, eventSignals::wake);
        rounds = new JobRounds(sql);
        Progress progress = new Progress(sql, reads, outbox, rounds, builder.hook);
        audit = new Audit(sql);
        submits = new Submits(sql, wanting, progress, audit, new Counting(sql, reads), rounds);
        settles = new Settles(sql, wanting, progress, refusals);
        endings = new Endings(sql, clips, wanting, progress, reads, audit, rounds);
        pruning = new Pruning(database, sql);
    }

    /** Starts with a database and the defaults. */
    public static Builder builder(DataSource source) {
        return new Builder(source);
    }

    /** The queue in that database, whose tables are made or brought up to date first. */
    public static JdbcJobQueue open(DataSource source) {
        return builder(source).migrate().build();
    }

    @Override
    public Receipt submit(Submission submission) {
        Receipt receipt = database.write(handle -> {
            Receipt accepted = submits.submit(handle, submission, database.now());
            notifyOthers(handle);
            return accepted;
        });
        signals.wake();
        return receipt;
    }

    /**
     * {@inheritDoc}
     *
     * <p>On PostgreSQL workers are woken when the host commits; elsewhere by {@link #wake}, or they find the job when they
     * next look. Clips that the job shares with others stay locked until the commit, so commit soon.
     *
     * <p>MariaDB and MySQL undo a whole transaction to resolve a deadlock: a {@link QueueException} then says so, and it is
     * the host's to begin again.
     *
     * @throws IllegalStateException when the connection is in auto-commit mode, or on MariaDB and MySQL at another level
     *     than READ COMMITTED
     */
    @Override
    public Receipt submit(Submission submission, Connection connection) {
        return database.join(connection, handle -> {
            Receipt accepted = submits.submit(handle, submission, database.now());
            notifyOthers(handle);
            return accepted;
        });
    }

    @Override
    public void wake() {
        signals.wake();
        eventSignals.wake();
    }

    private void notifyOthers(Handle handle) {
        notifyOthers(handle, WORK);
    }

    private void notifyOthers(Handle handle, String what) {
        if (database.dialect() == Dialect.POSTGRESQL) {
            handle.createQuery("SELECT CAST(pg_notify(:channel, :what) AS VARCHAR)")
                    .bind("channel", channel)
                    .bind("what", what)
                    .mapTo(String.class)
                    .one();
        }
    }

    @Override
    public Optional<Job> find(JobId id) {
        return database.read(handle -> reads.find(handle, id));
    }

    @Override
    public List<Job> find(Collection<JobId> ids) {
        return database.read(handle -> reads.find(handle, ids));
    }

    @Override
    public List<PhraseResult> results(JobId id, int from, int limit) {
        return database.read(handle -> reads.row(handle, id)
                .map(job -> reads.results(handle, job.number, Math.max(0, from), limit))
                .orElse(List.of()));
    }

    @Override
    public List<Job> list(JobQuery query) {
        return database.read(handle -> reads.list(handle, query));
    }

    @Override
    public boolean cancel(JobId id, AuditEntry.Origin origin) {
        return ended(handle -> endings.cancel(handle, id, origin, database.now()));
    }

    @Override
    public boolean retry(JobId id, AuditEntry.Origin origin) {
        return ended(handle -> endings.retry(handle, id, origin, database.now()));
    }

    private boolean ended(Database.Work<Boolean> work) {
        try {
            database.write(handle -> {
                if (!work.with(handle)) {
                    throw new NothingToDo();
                }
                notifyOthers(handle);
                return true;
            });
        } catch (NothingToDo e) {
            return false;
        }
        signals.wake();
        return true;
    }

    /** Rolls back what was prepared for a change that then turned out not to be due. */
    private static final class NothingToDo extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NothingToDo() {
            super("nothing to do", null, false, false);
        }
    }

    @Override
    public List<AuditEntry> audit(@Nullable String owner, long before, int limit) {
        return database.read(handle -> audit.list(handle, owner, before, limit));
    }

    @Override
    public Set<ClipKey> made(Collection<ClipKey> keys) {
        return database.read(handle -> reads.made(handle, keys));
    }

    @Override
    public List<AudioRecord> audio(@Nullable ClipKey after, int limit) {
        return database.read(handle -> audio.after(handle, after, limit));
    }

    @Override
    public boolean lost(AudioRecord record, Runnable remove) {
        return ended(handle -> audio.lost(handle, record, remove, database.now()));
    }

    @Override
    public Set<ClipKey> unused(Collection<ClipKey> keys) {
        return database.read(handle -> audio.unused(handle, keys));
    }

    @Override
    public Set<ClipKey> forget(Collection<AudioRecord> records, Instant madeBefore) {
        Map<ClipKey, Long> numbers = database.read(handle -> audio.numbers(handle, records));
        return database.write(handle -> audio.forget(handle, records, numbers, madeBefore));
    }

    @Override
    public boolean whileForgotten(ClipKey key, Runnable action) {
        return database.write(handle -> audio.whileForgotten(handle, key, action));
    }

    @Override
    public Usage usage(String owner) {
        return database.read(handle -> reads.usage(handle, owner));
    }

    @Override
    public int jobsOn(LocalDate day, String owner) {
        return database.read(handle -> reads.jobsOn(handle, day, owner));
    }

    @Override
    public InstantSource clock() {
        return database::now;
    }

    @Override
    public Beat beat(WorkerId worker, Duration lease) {
        Beat beat = database.write(handle -> leases.beat(handle, worker, lease, database.now()));
        database.sampleTime();
        return beat;
    }

    @Override
    public void leave(WorkerId worker) {
        int back = database.write(handle -> {
            int held = leases.leave(handle, worker, database.now());
            if (held > 0) {
                notifyOthers(handle);
            }
            return held;
        });
        if (back > 0) {
            signals.wake();
        }
    }

    @Override
    public List<Lease> claim(WorkerId worker, int max) {
        // What is read after the one statement that writes cannot undo it: a claim whose answer is lost is given back
        // later.
        return database.writeAtOnce(handle -> {
            List<ClipRows.Claimed> claimed = leases.claim(handle, worker, max, database.now());
            Map<Long, Failure> verdicts = refusals.verdicts(
                    handle, claimed.stream().map(ClipRows.Claimed::number).toList());
            List<Lease> result = new ArrayList<>(claimed.size());
            for (ClipRows.Claimed each : claimed) {
                held.put(each.clip().key(), each.number());
                result.add(new Lease(each.clip(), worker, each.epoch(), each.attempts(), verdicts.get(each.number())));
            }
            return result;
        });
    }

    @Override
    public Set<Lease> begin(Collection<Lease> some) {
        if (some.isEmpty()) {
            return Set.of();
        }
        return database.writeAtOnce(handle -> leases.begin(
                handle,
                some,
                numbers(handle, some.stream().map(lease -> lease.clip().key()).toList())));
    }

    @Override
    public Settlement settle(Collection<Outcome> outcomes) {
        if (outcomes.isEmpty()) {
            return new Settlement(Set.of(), Set.of(), Set.of());
        }
        Settles.Settled settled = settle(List.copyOf(outcomes));
        if (settled.queued()) {
            signals.wake();
        }
        return settled.settlement();
    }

    /** Settles a group, and where the host's hook keeps it from ending, its halves, until the one that it is about is alone. */
    private Settles.Settled settle(List<Outcome> outcomes) {
        List<ClipKey> keys =
                outcomes.stream().map(outcome -> outcome.lease().clip().key()).toList();
        Settles.Settled settled;
        try {
            settled = database.write(handle -> settles.settle(handle, outcomes, numbers(handle, keys), database.now()));
        } catch (QueueException e) {
            if (!Database.isRefused(e)) {
                throw e;
            }
            int half = outcomes.size() / 2;
            if (half > 0) {
                return settle(outcomes.subList(0, half)).plus(settle(outcomes.subList(half, outcomes.size())));
            }
            settled = database.write(
                    handle -> settles.refuse(handle, outcomes.get(0), numbers(handle, keys), e, database.now()));
        }
        keys.stream().map(held::remove).filter(Objects::nonNull).forEach(refusals::letGo);
        return settled;
    }

    private Map<ClipKey, Long> numbers(Handle handle, Collection<ClipKey> keys) {
        Map<ClipKey, Long> numbers = new HashMap<>();
        for (ClipKey key : keys) {
            Long number = held.get(key);
            if (number != null) {
                numbers.put(key, number);
            }
        }
        Set<ClipKey> unknown =
                keys.stream().filter(key -> !numbers.containsKey(key)).collect(Collectors.toSet());
        numbers.putAll(clips.numbers(handle, unknown));
        return numbers;
    }

    @Override
    public int rescue(Duration apart) {
        Map<String, Leases.Lateness> late = database.read(handle -> leases.late(handle, database.now()));
        if (!late.isEmpty()) {
            // Before anybody is called dead: this machine's clock may have been put right since it was last compared.
            database.sampleTime();
        }
        int rescued = 0;
        // Worker by worker, so that one that cannot be buried keeps nobody else from it.
        for (Map.Entry<String, Leases.Lateness> worker : late.entrySet()) {
            rescued += database.write(handle -> {
                int back = leases.rescue(handle, worker.getKey(), worker.getValue(), apart, database.now());
                if (back > 0) {
                    notifyOthers(handle);
                }
                return back;
            });
        }
        if (rescued > 0) {
            signals.wake();
        }
        return rescued;
    }

    @Override
    public boolean prune(Duration retention) {
        return pruning.prune(ClipQueue.requireRetention(retention));
    }

    @Override
    public int retryDue() {
        int retried = 0;
        QueueException refused = null;
        for (JobRow job : database.read(handle -> rounds.due(handle, database.now()))) {
            try {
                retried += ended(handle -> endings.nextRound(handle, job, database.now())) ? 1 : 0;
            } catch (QueueException e) {
                if (!Database.isRefused(e)) {
                    throw e;
                }
                // Those behind it are not to wait for as long as the host's hook throws for this one.
                refused = e;
            }
        }
        if (refused != null && retried == 0) {
            throw refused;
        }
        return retried;
    }

    @Override
    public Outlook outlook() {
        Instant before = database.now();
        Outlook outlook = outlook(before);
        // Who idles asks nothing else; a machine that slept, or was set, would go on looking at another time's queue.
        return Duration.between(before, database.now()).abs().compareTo(CLOCK_WAS_SET) > 0
                ? outlook(database.now())
                : outlook;
    }

    private Outlook outlook(Instant now) {
        record Seen(Outlook outlook, Instant serverNow) {}
        return database.read(handle -> database.hearing(
                        () -> sql.query(handle, "outlook")
                                .bind("now", Micros.of(now))
                                .map((row, context) -> new Seen(
                                        new Outlook(
                                                now,
                                                Optional.ofNullable(Micros.nullable(row, "next_due")),
                                                row.getInt("held") == 1),
                                        Micros.toInstant(row.getLong("server_now"))))
                                .one(),
                        Seen::serverNow))
                .outlook();
    }

    @Override
    public Signal onWork(Runnable wake) {
        return listen(signals, wake);
    }

    private Signal onEvent(Runnable wake) {
        return listen(eventSignals, wake);
    }

    private synchronized Signal listen(Signals sleepers, Runnable wake) {
        sleepers.add(wake);
        if (listener == null && database.dialect() == Dialect.POSTGRESQL) {
            listener = new PostgresListener(source, channel, this::heard, sleeper);
            listener.start();
        }
        return () -> {
            sleepers.remove(wake);
            stopListening(false);
        };
    }

    private void heard(String what) {
        if (!what.equals(EVENT)) {
            signals.wake();
        }
        if (!what.equals(WORK)) {
            eventSignals.wake();
        }
    }

    private synchronized void stopListening(boolean always) {
        if (listener != null && (always || (signals.isEmpty() && eventSignals.isEmpty()))) {
            listener.close();
            listener = null;
        }
    }

    @Override
    public RateLimiter limiter(String account, RateLimit limit) {
        return limiters.computeIfAbsent(account, name -> account(name, limit));
    }

    private JdbcRateLimiter account(String name, RateLimit limit) {
        JdbcRateLimiter.Resumed resumed = new JdbcRateLimiter.Resumed() {
            @Override
            public void notifyOthers(Handle handle) {
                JdbcJobQueue.this.notifyOthers(handle);
            }

            @Override
            public void wake() {
                signals.wake();
            }
        };
        return new JdbcRateLimiter(database, sql, name, limit, resumed, random);
    }

    @Override
    public void pause(String account, String reason) {
        account(account, RateLimit.UNLIMITED).pause(JobStore.byHand(account, reason));
    }

    @Override
    public boolean resume(String account) {
        return account(account, RateLimit.UNLIMITED).end();
    }

    @Override
    public Map<String, RateLimiter.Pause> pauses() {
        return database.read(reads::pauses);
    }

    @Override
    public Depth depth() {
        return database.read(handle -> {
            long[] counts = new long[2];
            Instant[] oldest = new Instant[1];
            sql.query(handle, "depth")
                    .bind("now", Micros.of(database.now()))
                    .map((row, context) -> {
                        counts[row.getInt(1) == StateRow.LEASED ? 1 : 0] += row.getLong(2);
                        long due = row.getLong(3);
                        if (!row.wasNull()) {
                            oldest[0] = Micros.toInstant(due);
                        }
                        return true;
                    })
                    .list();
            return new Depth(counts[0], counts[1], Optional.ofNullable(oldest[0]));
        });
    }

    @Override
    public EventQueue events() {
        return outbox;
    }

    /** Stops listening. The data source is the host's, and stays open. */
    @Override
    public void close() {
        stopListening(true);
    }

    /** Builds a {@link JdbcJobQueue}. Not thread-safe. */
    public static final class Builder {

        private final DataSource source;
        private String prefix = JdbcSchema.DEFAULT_PREFIX;
        private boolean migrate;
        private @Nullable InstantSource clock;
        private @Nullable InstantSource machine;
        private @Nullable PhraseHook hook;
        private Sleeper sleeper = Sleeper.system();

        private Builder(DataSource source) {
            this.source = Objects.requireNonNull(source, "source");
        }

        /**
         * What table names begin with; {@value JdbcSchema#DEFAULT_PREFIX} by default.
         *
         * @throws IllegalArgumentException when it is not 1 to 31 of a-z, 0-9 and _
         */
        public Builder prefix(String prefix) {
            JdbcSchema.requirePrefix(prefix);
            this.prefix = prefix;
            return this;
        }

        /** Makes the tables, or brings them up to date; otherwise they must be there. */
        public Builder migrate() {
            this.migrate = true;
            return this;
        }

        /** The time, instead of the database's: for tests. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** What this machine takes for the time: for tests of clocks that are wrong. */
        Builder machineClock(InstantSource machine) {
            this.machine = machine;
            return this;
        }

        /** The host's part in the transactions in which phrases end. */
        public Builder onPhrasesEnded(PhraseHook hook) {
            this.hook = hook;
            return this;
        }

        /** How rests between tries are waited for; really, by default. */
        public Builder sleeper(Sleeper sleeper) {
            this.sleeper = sleeper;
            return this;
        }

        /** @throws QueueException when the database cannot be reached, is none that will do, or lacks the tables */
        public JdbcJobQueue build() {
            return new JdbcJobQueue(this);
        }
    }
}
