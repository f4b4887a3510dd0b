package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
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
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.time.Sleeper;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The queue in a relational database: PostgreSQL 12 or newer, SQLite, H2, or MariaDB 10.6 or newer. MySQL 8.0.1 or newer is
 * taken by the statements of MariaDB, which no test has run on it. Any number of processes may use one database. What a
 * process's workers do, those who deliver events among them, takes at most three connections at a time, and a pool of one
 * will do (of two on PostgreSQL while a worker listens); what the host asks takes one for each call. Thread-safe.
 *
 * <p>A row that this version cannot read, because a newer one wrote it or it was changed by hand, stands in nobody else's way. A
 * clip then rests for a growing pause, so that a newer worker may take it, and is given up after a day; an event becomes a dead
 * letter; lists leave such rows out, and say so once in the log. Whoever asks for just that job gets a {@link QueueException}
 * that names the row and the column.
 *
 * <p>Every method throws {@link QueueException} when the database cannot be used.
 */
public final class JdbcJobQueue implements JobQueue {

    private final Database database;
    private final Sql sql;
    private final Wakes wakes;
    private final JobReads reads;
    private final AudioRows audio;
    private final Audit audit;
    private final Submits submits;
    private final Endings endings;
    private final Changes changes;
    private final Hands hands;
    private final Outlooks outlooks;
    private final Pruning pruning;
    private final JdbcOutbox outbox;
    private final RandomGenerator random = new SecureRandom();
    private final Map<String, RateLimiter> limiters = new ConcurrentHashMap<>();

    private JdbcJobQueue(Builder builder) {
        if (builder.migrate) {
            JdbcSchema.apply(builder.source, builder.prefix);
        } else {
            JdbcSchema.verify(builder.source, builder.prefix);
        }
        database = new Database(builder.source, builder.prefix, builder.clock, builder.machine, builder.sleeper);
        sql = new Sql(database.dialect(), builder.prefix);
        wakes = new Wakes(builder.source, database.dialect(), builder.prefix, builder.sleeper);
        Refusals refusals = new Refusals(sql, builder.hook != null);
        reads = new JobReads(sql, database::now, refusals);
        ClipRows clips = new ClipRows(sql);
        audio = new AudioRows(sql, clips);
        Wanting wanting = new Wanting(sql, clips);
        outbox = new JdbcOutbox(database, sql, wakes);
        JobRounds rounds = new JobRounds(sql);
        Progress progress = new Progress(sql, reads, outbox, rounds, builder.hook);
        audit = new Audit(sql);
        submits = new Submits(sql, wanting, progress, audit, new Counting(sql, reads), rounds);
        endings = new Endings(sql, clips, wanting, progress, reads, audit, rounds);
        changes = new Changes(database, endings, rounds, wakes);
        Substitutes substitutes = new Substitutes(sql, clips, wanting, refusals);
        Settles settles = new Settles(sql, wanting, substitutes, progress, refusals);
        Leases leases = new Leases(sql, clips);
        hands = new Hands(database, clips, leases, settles, substitutes, refusals, new UnreadableClips(sql), wakes);
        outlooks = new Outlooks(database, sql);
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
            wakes.othersForWork(handle);
            return accepted;
        });
        wakes.forWork();
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
            wakes.othersForWork(handle);
            return accepted;
        });
    }

    @Override
    public void wake() {
        wakes.forWork();
        wakes.forEvents();
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
        return changes.make(handle -> endings.cancel(handle, id, origin, database.now()));
    }

    @Override
    public boolean retry(JobId id, AuditEntry.Origin origin) {
        return changes.make(handle -> endings.retry(handle, id, origin, database.now()));
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
        return changes.make(handle -> audio.lost(handle, record, remove, database.now()));
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
        return hands.beat(worker, lease);
    }

    @Override
    public void waits(WorkerId worker, @Nullable Failure what) {
        hands.waits(worker, what);
    }

    @Override
    public void leave(WorkerId worker) {
        hands.leave(worker);
    }

    @Override
    public List<Lease> claim(WorkerId worker, int max) {
        return hands.claim(worker, max);
    }

    @Override
    public Set<Lease> substitute(Map<Lease, Clip> others) {
        return hands.substitute(ClipQueue.requireOthers(others));
    }

    @Override
    public Set<Lease> begin(Collection<Lease> leases) {
        return hands.begin(leases);
    }

    @Override
    public Settlement settle(Collection<Outcome> outcomes) {
        return hands.settle(outcomes);
    }

    @Override
    public int rescue(Duration apart) {
        return hands.rescue(apart);
    }

    @Override
    public boolean prune(Duration retention) {
        ClipQueue.requireRetention(retention);
        return database.aside(() -> pruning.prune(retention));
    }

    @Override
    public int retryDue() {
        return database.aside(changes::retryDue);
    }

    @Override
    public Outlook outlook() {
        return outlooks.outlook();
    }

    @Override
    public Depth depth() {
        return outlooks.depth();
    }

    @Override
    public Signal onWork(Runnable wake) {
        return wakes.onWork(wake);
    }

    @Override
    public RateLimiter limiter(String account, RateLimit limit) {
        return limiters.computeIfAbsent(account, name -> account(name, limit));
    }

    private JdbcRateLimiter account(String name, RateLimit limit) {
        return new JdbcRateLimiter(database, sql, name, limit, wakes, random);
    }

    @Override
    public void pause(String account, String reason) {
        account(account, RateLimit.UNLIMITED).pause(JobStore.byHand(account, reason));
        // Who stands ready to call is told, and does not wait for the next time slot to hear of it.
        changes.make(handle -> true);
    }

    @Override
    public boolean resume(String account) {
        return account(account, RateLimit.UNLIMITED).end()
                && changes.make(handle -> {
                    hands.rouse(handle);
                    return true;
                });
    }

    @Override
    public Map<String, RateLimiter.Pause> pauses() {
        return database.read(reads::pauses);
    }

    @Override
    public EventQueue events() {
        return outbox;
    }

    /** Stops listening. The data source is the host's, and stays open. */
    @Override
    public void close() {
        wakes.close();
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
