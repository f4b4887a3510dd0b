package dev.ttsjobs.queue.jdbc;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Transactions that change what is to be made, and wake those who make it. Thread-safe. */
final class Changes {

    private static final Logger log = LoggerFactory.getLogger(Changes.class);
    private static final Duration REFUSED_REST = Duration.ofMinutes(5);
    private static final Duration UNREADABLE_REST = Duration.ofHours(1);

    private final Database database;
    private final Endings endings;
    private final JobRounds rounds;
    private final Wakes wakes;

    Changes(Database database, Endings endings, JobRounds rounds, Wakes wakes) {
        this.database = database;
        this.endings = endings;
        this.rounds = rounds;
        this.wakes = wakes;
    }

    /** Makes a change that may turn out not to be due; says whether it was. */
    boolean make(Database.Work<Boolean> change) {
        try {
            database.write(handle -> {
                if (!change.with(handle)) {
                    throw new NothingToDo();
                }
                wakes.othersForWork(handle);
                return true;
            });
        } catch (NothingToDo e) {
            return false;
        }
        wakes.forWork();
        return true;
    }

    /** Rolls back what was prepared for a change that then turned out not to be due. */
    private static final class NothingToDo extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NothingToDo() {
            super("nothing to do", null, false, false);
        }
    }

    /** Tries the jobs again whose time has come; says how many. */
    int retryDue() {
        int retried = 0;
        QueueException refused = null;
        for (JobRow job : database.read(handle -> rounds.due(handle, database.now()))) {
            try {
                retried += make(handle -> endings.nextRound(handle, job, database.now())) ? 1 : 0;
            } catch (QueueException e) {
                if (!Database.isRefused(e) && !(e.getCause() instanceof Unreadable)) {
                    throw e;
                }
                // Those behind it are not to wait for as long as the host's hook throws for this one, or it cannot be
                // read.
                boolean readable = Database.isRefused(e);
                refused = readable ? e : refused;
                database.write(handle -> {
                    rounds.rest(handle, job.number, database.now(), readable ? REFUSED_REST : UNREADABLE_REST);
                    return true;
                });
                if (e.getCause() instanceof Unreadable unreadable) {
                    unreadable.tellOnce(log, "a job is not tried again");
                }
            }
        }
        if (refused != null && retried == 0) {
            throw refused;
        }
        return retried;
    }
}
