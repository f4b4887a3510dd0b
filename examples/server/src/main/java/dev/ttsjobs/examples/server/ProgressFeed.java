package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who watch a job of its changes. One thread looks at the watched jobs, many by one statement, however many watch
 * each; a worker in this process has it look at once. Thread-safe.
 */
final class ProgressFeed implements JobListener, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ProgressFeed.class);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    /** So many jobs are read by one statement. */
    private static final int AT_ONE_LOOK = 1000;
    /** What happens within this time is told together. */
    private static final Duration GATHER = Duration.ofMillis(50);

    private final SpeechJobs jobs;
    private final JobDesk desk;
    private final JobJson json;
    private final Map<JobId, Watched> watched = new ConcurrentHashMap<>();
    private final Set<JobId> hinted = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = thread("progress-feed");
    /** Apart: while a look waits for the database, streams are still kept open. */
    private final ScheduledExecutorService heart = thread("progress-heartbeat");

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    ProgressFeed(SpeechJobs jobs, JobDesk desk, JobJson json) {
        this.jobs = jobs;
        this.desk = desk;
        this.json = json;
    }

    /** @param more what is looked at as often */
    ProgressFeed start(Runnable more) {
        thread.scheduleWithFixedDelay(() -> look(more), 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
        heart.scheduleWithFixedDelay(
                this::heartbeat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    /** Throws nothing: what is done again and again by such a thread never would be again. */
    void heartbeat() {
        try {
            Set<InetSocketAddress> lost = watched.isEmpty() ? Set.of() : LostPeers.now();
            watched.values().forEach(job -> job.heartbeat(lost));
        } catch (RuntimeException | Error e) {
            log.warn("the streams could not be kept open: {}", e.toString());
        }
    }

    /** Throws nothing either. */
    void look(Runnable more) {
        try {
            more.run();
        } catch (RuntimeException | Error e) {
            log.warn("who may watch could not be read: {}", e.toString());
        }
        List<Watched> all = List.copyOf(watched.values());
        for (int from = 0; from < all.size(); from += AT_ONE_LOOK) {
            look(all.subList(from, Math.min(from + AT_ONE_LOOK, all.size())));
        }
    }

    private void look(List<Watched> some) {
        try {
            Map<JobId, Job> jobsNow = jobs.find(some.stream().map(one -> one.id).toList()).stream()
                    .collect(Collectors.toMap(Job::id, Function.identity()));
            some.forEach(one -> {
                Job now = jobsNow.get(one.id);
                // What has changed, or is no more, is looked at by itself: one that cannot be read keeps no other back.
                if (now == null || one.isNews(now)) {
                    one.look();
                }
            });
        } catch (RuntimeException | Error e) {
            // An unreachable database is asked again at the next look; watchers wait meanwhile.
            log.warn("the watched jobs could not be read: {}", e.toString());
        }
    }

    /** Somebody who watches a job. Calls come from several threads, one at a time, and must not block. */
    interface Watcher {

        /** The job has changed; also called once at the beginning. */
        void changed(Snapshot snapshot);

        /**
         * Nothing was said for a while.
         *
         * @param lost clients that do not answer
         */
        void heartbeat(Set<InetSocketAddress> lost);

        /** The job is no more. */
        void gone();
    }

    /**
     * A job at one moment, as its watchers are told.
     *
     * @param stamp differs whenever what is shown may differ
     * @param end the end state; null while there is none
     * @param data the JSON of it, as status gives it, on one line
     */
    record Snapshot(Stamp stamp, @Nullable String end, byte[] data) {}

    /**
     * What is shown of a job changes with its version, and with the account being paused and resumed. Both are in the
     * database, so that every server gives the same stamp to the same state.
     *
     * @param version the job's own, which rises with every change
     * @param waiting the pause; "0" for none
     */
    record Stamp(long version, String waiting) {

        static Stamp of(Job job) {
            return new Stamp(job.timeline().version(), waiting(job.progress().waitingFor()));
        }

        private static String waiting(Job.@Nullable WaitingFor waiting) {
            if (waiting == null) {
                return "0";
            }
            // A pause may change its reason without beginning anew. Of the enum no hash: it differs between processes.
            int reason =
                    Objects.hash(waiting.failure().code(), waiting.failure().message());
            return Long.toString(waiting.since().toEpochMilli(), 36) + Integer.toUnsignedString(reason, 36);
        }

        @Override
        public String toString() {
            return version + "-" + waiting;
        }
    }

    /** Watches a job until that is over, which may be before it has begun; tells of the present state before it returns. */
    void watch(JobId id, Watcher watcher, CompletionStage<?> over) {
        Watched job = watched.compute(id, (key, present) -> {
            Watched one = present == null ? new Watched(key) : present;
            one.watchers.add(watcher);
            return one;
        });
        over.whenComplete((nothing, failure) -> unwatch(id, watcher));
        job.show(watcher);
    }

    private void unwatch(JobId id, Watcher watcher) {
        watched.computeIfPresent(id, (key, job) -> {
            job.watchers.remove(watcher);
            return job.watchers.isEmpty() ? null : job;
        });
    }

    @Override
    public void jobChanged(JobId id) {
        if (watched.containsKey(id) && hinted.add(id)) {
            try {
                thread.schedule(
                        () -> {
                            hinted.remove(id);
                            Watched job = watched.get(id);
                            if (job != null) {
                                job.look();
                            }
                        },
                        GATHER.toMillis(),
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // The server stops: nobody watches any longer.
                hinted.remove(id);
            }
        }
    }

    /** How many streams are open. */
    int watchers() {
        return watched.values().stream().mapToInt(job -> job.watchers.size()).sum();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        heart.shutdownNow();
        watched.values().forEach(job -> job.watchers.forEach(Watcher::gone));
    }

    private final class Watched {

        private final JobId id;
        private final Set<Watcher> watchers = new CopyOnWriteArraySet<>();
        private @Nullable Snapshot last;

        Watched(JobId id) {
            this.id = id;
        }

        synchronized void show(Watcher newcomer) {
            Snapshot before = last;
            look();
            // Who came with a change was told with all others.
            if (last != null && last == before) {
                newcomer.changed(last);
            }
        }

        synchronized boolean isNews(Job job) {
            return last == null || !last.stamp.equals(Stamp.of(job));
        }

        void look() {
            try {
                seen(jobs.find(id));
            } catch (RuntimeException | Error e) {
                log.warn("a watched job could not be read: {}", e.toString());
            }
        }

        /** Looks overlap: what an earlier one found and a later one has overtaken is no news. */
        private synchronized void seen(Optional<Job> job) {
            if (job.isEmpty()) {
                tell(Watcher::gone);
                return;
            }
            Stamp stamp = Stamp.of(job.get());
            if (last == null || (stamp.version >= last.stamp.version && !last.stamp.equals(stamp))) {
                JobDesk.View view = desk.view(job.get());
                byte[] data = Json.write(Map.of("job", json.job(view.job(), view.results())));
                String end =
                        job.get().status().hasEnded() ? JobJson.word(job.get().status()) : null;
                Snapshot news = new Snapshot(stamp, end, data);
                last = news;
                tell(watcher -> watcher.changed(news));
            }
        }

        /** One that cannot be told keeps nothing from the others. */
        private void tell(Consumer<Watcher> what) {
            for (Watcher watcher : watchers) {
                try {
                    what.accept(watcher);
                } catch (RuntimeException | Error e) {
                    log.warn("somebody who watches job {} could not be told", id, e);
                }
            }
        }

        void heartbeat(Set<InetSocketAddress> lost) {
            tell(watcher -> watcher.heartbeat(lost));
        }
    }
}
