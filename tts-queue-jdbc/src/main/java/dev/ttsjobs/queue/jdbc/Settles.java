package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.Settlement;
import dev.ttsjobs.queue.Lease;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** Records outcomes as a group: a number of statements that does not grow with it. */
final class Settles {

    private final Sql sql;
    private final Wanting wanting;
    private final Substitutes substitutes;
    private final Progress progress;
    private final Refusals refusals;

    Settles(Sql sql, Wanting wanting, Substitutes substitutes, Progress progress, Refusals refusals) {
        this.sql = sql;
        this.wanting = wanting;
        this.substitutes = substitutes;
        this.progress = progress;
        this.refusals = refusals;
    }

    /** What a group came to: the settlement, and whether something can be claimed now that could not before. */
    record Settled(Settlement settlement, boolean queued) {

        Settled plus(Settled other) {
            return new Settled(
                    new Settlement(
                            both(settlement.lost(), other.settlement.lost()),
                            both(settlement.changed(), other.settlement.changed()),
                            both(settlement.ended(), other.settlement.ended())),
                    queued || other.queued);
        }

        private static <T> Set<T> both(Set<T> some, Set<T> others) {
            Set<T> all = new LinkedHashSet<>(some);
            all.addAll(others);
            return all;
        }
    }

    /**
     * Puts a clip back into the queue that the host's hook keeps from ending: it rests, and then ends as it would have now.
     * What was made is in the storage, and its attempt stays on record as paid for.
     */
    Settled refuse(Handle handle, Outcome outcome, Map<ClipKey, Long> numbers, Throwable why, Instant now) {
        Map<Long, StateRow> rows = StateRow.lock(handle, sql, numbers.values());
        substitutes.resolve(handle, List.of(new Outcome.Released(outcome.lease())), numbers, rows, now);
        StateRow row = rows.get(numbers.get(outcome.lease().clip().key()));
        if (row != null && row.isHeldUnder(outcome.lease())) {
            row.putBack(Micros.of(now.plus(refusals.add(handle, row.clip, outcome, why, now))));
            StateRow.write(handle, sql, List.of(row));
        }
        return new Settled(new Settlement(Set.of(outcome.lease()), Set.of(), Set.of()), false);
    }

    Settled settle(Handle handle, Collection<Outcome> outcomes, Map<ClipKey, Long> numbers, Instant now) {
        boolean givenUp = outcomes.stream().anyMatch(Outcome.GivenUp.class::isInstance);
        Map<Long, StateRow> rows = givenUp
                ? StateRow.lockFamilies(handle, sql, numbers.values())
                : StateRow.lockWithWholes(handle, sql, numbers.values());
        Group group = new Group(handle, now, rows.keySet());
        for (Outcome outcome : substitutes.resolve(handle, outcomes, numbers, rows, now)) {
            Long number = numbers.get(outcome.lease().clip().key());
            StateRow row = number == null ? null : rows.get(number);
            if (row == null || !row.isHeldUnder(outcome.lease())) {
                group.lost.add(outcome.lease());
            } else {
                group.take(outcome, row);
            }
        }
        group.write();
        return new Settled(new Settlement(group.lost, group.changed, group.ended), group.queued);
    }

    private final class Group {
        private final Handle handle;
        private final Instant now;
        private final Set<Long> locked;
        private final Set<Lease> lost = new LinkedHashSet<>();
        private final Map<StateRow, Outcome.Made> made = new LinkedHashMap<>();
        private final Map<Long, Failure> failed = new LinkedHashMap<>();
        private final List<StateRow> rewritten = new ArrayList<>();
        private final Set<JobId> changed = new HashSet<>();
        private final Set<JobId> ended = new HashSet<>();
        private boolean queued;

        /**
         * @param locked the clips whose rows were locked at first, in order
         */
        Group(Handle handle, Instant now, Set<Long> locked) {
            this.handle = handle;
            this.now = now;
            this.locked = new HashSet<>(locked);
        }

        /**
         * Rows as they are now, of clips that are locked. What was submitted while the locks were waited for is not among
         * them, and comes out of order: it is taken if nobody has it. Whoever does may be waiting for us, so then all is
         * begun anew, and it is waited for in its turn.
         */
        private Map<Long, StateRow> again(Collection<Long> clips) {
            Set<Long> late = new TreeSet<>(clips);
            late.removeAll(locked);
            if (StateRow.lockFree(handle, sql, late).size() < late.size()) {
                throw new Database.Collision("a long text was submitted while its part was settled");
            }
            locked.addAll(late);
            return StateRow.lock(handle, sql, clips);
        }

        void take(Outcome outcome, StateRow row) {
            if (outcome instanceof Outcome.Made each) {
                row.state = StateRow.DONE;
                made.put(row, each);
                return;
            }
            if (outcome instanceof Outcome.GivenUp givenUp) {
                row.state = StateRow.FAILED;
                row.worker = null;
                failed.put(row.clip, givenUp.failure());
            } else if (outcome instanceof Outcome.Again again) {
                boolean costs = again.failure().kind().costsAttempt();
                row.attempts = costs ? row.attempts : again.lease().attempts();
                row.putBack(Micros.of(now.plus(again.delay())));
            } else if (outcome instanceof Outcome.Released released) {
                row.attempts = released.lease().attempts();
                row.putBack(Micros.of(now.plus(released.rest())));
            }
            rewritten.add(row);
        }

        void write() {
            List<Long> done = made.keySet().stream().map(row -> row.clip).toList();
            // The locked rows do not tell: what was joined from them while they were waited for is not among them.
            List<Long> parents = complete(done);
            Set<Long> orphaned = failParents();
            StateRow.write(handle, sql, rewritten);
            queueParents(parents);
            endSides(done);
            refusals.ended(handle, done);
            refusals.ended(handle, failed.keySet());
            wanting.dropUnwanted(handle, orphaned);
        }

        /** Puts on record what was made; gives what is joined from it and waits for its parts. */
        private List<Long> complete(List<Long> done) {
            if (done.isEmpty()) {
                return List.of();
            }
            if (sql.has("complete")) {
                List<Long> parents = new ArrayList<>();
                addAudio(new Rows(sql, handle, "complete").hearing(parents));
                return parents;
            }
            sql.update(handle, "setDone", "clips", done).execute();
            addAudio(new Rows(sql, handle, "addAudio"));
            return sql.query(handle, "waitingParents", "clips", done)
                    .mapTo(Long.class)
                    .list();
        }

        private void addAudio(Rows audio) {
            made.forEach((row, outcome) -> {
                AudioFacts facts = outcome.facts();
                audio.number("clip", row.clip)
                        .word("format", facts.format().wireName())
                        .number("bytes", facts.bytes())
                        .number("durationMs", facts.duration().toMillis())
                        .word("sha256", facts.sha256())
                        .number("now", Micros.of(now))
                        .add();
            });
            audio.write();
        }

        /** What is joined from a part that is given up cannot be made; its other parts may be wanted by nobody then. */
        private Set<Long> failParents() {
            if (failed.isEmpty()) {
                return Set.of();
            }
            Map<Long, List<Long>> parents = new HashMap<>();
            sql.query(handle, "parentNumbers", "clips", List.copyOf(failed.keySet()))
                    .map((row, context) -> new long[] {row.getLong(1), row.getLong(2)})
                    .forEach(pair -> parents.computeIfAbsent(pair[0], part -> new ArrayList<>())
                            .add(pair[1]));
            if (parents.isEmpty()) {
                return Set.of();
            }
            Set<Long> all = new TreeSet<>();
            parents.values().forEach(all::addAll);
            Set<Long> families = new TreeSet<>(all);
            if (!locked.containsAll(all)) {
                sql.query(handle, "partNumbers", "clips", all)
                        .map((row, context) -> row.getLong(2))
                        .forEach(families::add);
            }
            Map<Long, StateRow> rows = again(families);
            Set<Long> orphaned = new LinkedHashSet<>();
            Map<Long, Failure> inOrder = new LinkedHashMap<>();
            failed.forEach((part, failure) -> {
                inOrder.put(part, failure);
                for (long number : parents.getOrDefault(part, List.of())) {
                    StateRow parent = Objects.requireNonNull(rows.get(number));
                    if (parent.state == StateRow.WAITING) {
                        parent.state = StateRow.FAILED;
                        rewritten.add(parent);
                        inOrder.put(number, failure);
                        orphaned.add(number);
                    }
                }
            });
            failed.clear();
            failed.putAll(inOrder);
            return orphaned;
        }

        private record OpenSide(long phrase, int ordinal, long job, long clip) {}

        private void endSides(List<Long> done) {
            List<Long> clips = new ArrayList<>(done);
            clips.addAll(failed.keySet());
            Map<Long, Usage> bills = bills();
            if (clips.isEmpty()) {
                return;
            }
            List<Long> order = List.copyOf(failed.keySet());
            List<OpenSide> sides = sql
                    .query(handle, "openSides", "clips", clips)
                    .map((row, context) -> new OpenSide(row.getLong(1), row.getInt(2), row.getLong(3), row.getLong(4)))
                    .stream()
                    .sorted(Comparator.comparingInt(side -> order.indexOf(side.clip)))
                    .toList();
            Set<Long> waiting = new HashSet<>();
            sides.forEach(side -> waiting.add(side.job));
            Set<Long> touched = new HashSet<>(waiting);
            made.forEach((row, outcome) -> {
                if (row.payer != null && bills.containsKey(row.clip)) {
                    touched.add(row.payer);
                }
            });
            Map<Long, JobRow> jobs = progress.lock(handle, touched);
            charge(jobs, bills);
            writeSides(sides, jobs);
            if (!sides.isEmpty()) {
                List<Long> phrases =
                        sides.stream().map(OpenSide::phrase).distinct().toList();
                ended.addAll(progress.advance(handle, jobs, phrases, now));
            }
            progress.write(handle, jobs.values());
            waiting.forEach(job -> changed.add(Objects.requireNonNull(jobs.get(job)).id));
        }

        /** What the clips cost that were paid for, by clip. */
        private Map<Long, Usage> bills() {
            Map<Long, Usage> bills = new HashMap<>();
            made.forEach((row, outcome) -> {
                Clip clip = outcome.lease().clip();
                if (outcome.paid() && clip.parts().isEmpty()) {
                    bills.put(
                            row.clip,
                            Usage.bought(
                                    clip.characters(),
                                    row.attempts,
                                    outcome.facts().duration()));
                }
            });
            return bills;
        }

        private void charge(Map<Long, JobRow> jobs, Map<Long, Usage> bills) {
            made.keySet().forEach(row -> {
                Usage bill = bills.get(row.clip);
                JobRow payer = row.payer == null ? null : jobs.get(row.payer);
                if (bill != null && payer != null) {
                    payer.charge(bill);
                }
            });
        }

        private void writeSides(List<OpenSide> sides, Map<Long, JobRow> jobs) {
            Map<Long, StateRow> done = new HashMap<>();
            made.keySet().forEach(row -> done.put(row.clip, row));
            Rows ended = new Rows(sql, handle, "endSide");
            for (OpenSide side : sides) {
                Failure failure = failed.get(side.clip);
                StateRow row = done.get(side.clip);
                if (failure != null) {
                    JobRow job = Objects.requireNonNull(jobs.get(side.job));
                    job.failure = job.failure == null ? failure : job.failure;
                }
                ended.number("phrase", side.phrase)
                        .number("ordinal", side.ordinal)
                        .number("state", row == null ? SideState.FAILED : stateFor(side.job, row))
                        .word("kind", failure == null ? null : failure.kind().name())
                        .word("code", failure == null ? null : failure.code())
                        .word("message", failure == null ? null : failure.message())
                        .add();
            }
            ended.write();
        }

        private int stateFor(long job, StateRow row) {
            Outcome.Made outcome = Objects.requireNonNull(made.get(row));
            boolean joined = !outcome.lease().clip().parts().isEmpty();
            boolean pays = row.payer != null && row.payer == job && (outcome.paid() || joined);
            return pays ? SideState.MADE : SideState.CACHED;
        }

        /**
         * Queues what can be joined now. Its row is locked before its parts are looked at, so that of two who finish the
         * last two parts at the same moment, the second sees both.
         */
        private void queueParents(List<Long> parents) {
            if (parents.isEmpty()) {
                return;
            }
            Map<Long, StateRow> rows = again(parents);
            Set<Long> incomplete = new HashSet<>(sql.query(handle, "parentsWithoutParts", "clips", parents)
                    .mapTo(Long.class)
                    .list());
            List<StateRow> complete = rows.values().stream()
                    .filter(row -> row.state == StateRow.WAITING && !incomplete.contains(row.clip))
                    .toList();
            complete.forEach(row -> {
                row.state = StateRow.QUEUED;
                row.due = Micros.of(now);
            });
            StateRow.write(handle, sql, complete);
            queued |= !complete.isEmpty();
        }
    }
}
