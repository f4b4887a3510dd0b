package dev.ttsjobs.simulation;

import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.Submission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Those who submit, repeat themselves, call off and ask again; and who wait, at last, until all is done. */
final class SimulatedClient implements Runnable {

    private static final Duration PATIENCE = Duration.ofHours(6);

    private final World world;
    private final Scenario scenario;
    private final JobQueue queue;
    private final List<Submission> submitted = new ArrayList<>();

    SimulatedClient(World world) {
        this.world = world;
        this.scenario = world.scenario;
        this.queue = world.bug.clientView(new FaultyQueue(new Effects("client", world, false, world.limits)));
    }

    void enter() {
        world.baton.enter(this);
    }

    @Override
    public void run() {
        int deeds = scenario.jobs * 3;
        for (int left = scenario.jobs; left > 0 || deeds > 0; deeds--) {
            boolean fresh = submitted.isEmpty() || scenario.random.nextInt(Math.max(1, deeds)) < left;
            if (fresh && left > 0) {
                left--;
                submit(job(submitted.size()));
            } else {
                meddle(submitted.get(scenario.random.nextInt(submitted.size())));
            }
            world.baton.pass(scenario.oneIn(3) ? scenario.millis(0, 50) : scenario.millis(100, 60_000));
        }
        if (world.now().isBefore(world.start.plus(scenario.troubleEnds))) {
            world.baton.pass(Duration.between(world.now(), world.start.plus(scenario.troubleEnds)));
        }
        scenario.calm();
        world.trace.add("world", "nothing goes wrong any more", "");
        awaitAll();
        retryAll();
        awaitAll();
        world.jobs.check();
        awaitEvents();
        replayDeadLetters();
        awaitEvents();
        world.events.check();
        world.files.requireAllWhole();
        Violation.unless(world.queue.depth().leased() == 0, () -> "clips are leased though all jobs have ended");
        Violation.unless(world.queue.depth().queued() == 0, () -> "clips wait though all jobs have ended");
        world.baton.finish();
    }

    private void submit(Submission submission) {
        submitted.add(submission);
        insist(() -> queue.submit(submission));
    }

    /** Asks until there is an answer. */
    private <T> T insist(Supplier<T> question) {
        while (true) {
            try {
                return question.get();
            } catch (Effects.QueueTrouble e) {
                world.baton.pass(scenario.millis(10, 2_000));
            }
        }
    }

    private void meddle(Submission one) {
        switch (scenario.random.nextInt(5)) {
            case 0 -> insist(() -> queue.submit(one));
            case 1 -> repeatUnderAnotherId(one);
            case 2 -> ask(() -> queue.cancel(one.id()));
            default -> ask(() -> queue.retry(one.id()));
        }
    }

    private void repeatUnderAnotherId(Submission one) {
        if (one.terms().idempotencyKey() != null) {
            Submission again =
                    new Submission(newId(), one.details(), one.phrases(), one.clips(), one.origin(), one.terms());
            insist(() -> queue.submit(again));
        }
    }

    private void ask(Supplier<Boolean> question) {
        try {
            question.get();
        } catch (Effects.QueueTrouble e) {
            // Whoever asked gives up; it may have worked all the same.
        }
    }

    private JobId newId() {
        Duration wrong = scenario.has(Fault.SKEW) ? scenario.millis(-600_000, 600_000) : Duration.ZERO;
        return JobId.create(world.now().plus(wrong), scenario.random);
    }

    private Submission job(int number) {
        Jobs.Builder job = Jobs.of(scenario.oneIn(2) ? "ann" : "bob")
                .id(newId())
                .priority(Priority.values()[scenario.random.nextInt(3)]);
        if (scenario.oneIn(2)) {
            job.key("key-" + number, "0123456789abcdef".charAt(number % 16));
        }
        int phrases = 1 + scenario.random.nextInt(5);
        for (int i = 0; i < phrases; i++) {
            switch (scenario.random.nextInt(8)) {
                case 0 -> job.say(Jobs.joined(text(), "so", text()));
                case 1, 2 -> job.pair(text(), text() + " en plus");
                default -> job.say(text());
            }
        }
        return job.build();
    }

    private String text() {
        return "text " + scenario.random.nextInt(scenario.vocabulary);
    }

    private void retryAll() {
        for (JobId id : List.copyOf(world.jobs.ids())) {
            if (scenario.oneIn(2)) {
                queue.retry(id);
            }
        }
    }

    private void replayDeadLetters() {
        for (EventQueue.Delivery letter : world.queue.events().deadLetters(EventWatch.HANDLER, 100)) {
            world.events.replayed(letter);
            boolean replayed = world.queue
                    .events()
                    .replay(
                            letter.event().job().id(),
                            EventWatch.HANDLER,
                            letter.event().id());
            Violation.unless(replayed, () -> "a dead letter that is not replayed: " + letter);
        }
    }

    private void awaitEvents() {
        Instant deadline = world.now().plus(Duration.ofDays(1));
        while (!world.events.allSettled()) {
            Violation.unless(world.now().isBefore(deadline), () -> "events that do not get through");
            world.baton.pass(Duration.ofSeconds(30));
        }
    }

    private void awaitAll() {
        Instant deadline = world.now().plus(PATIENCE);
        while (!world.jobs.allEnded() || world.queue.depth().leased() > 0) {
            Violation.unless(
                    world.now().isBefore(deadline),
                    () -> "stuck: " + world.jobs.living() + ", " + world.queue.depth() + ", held "
                            + world.leases.held());
            world.baton.pass(Duration.ofSeconds(5));
        }
    }
}
