package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.time.ManualTime;
import java.time.Instant;

/** All that one run consists of, and those who watch it. */
final class World {

    final ManualTime time = new ManualTime();
    final Instant start = time.instant();
    final Scenario scenario;
    final Baton baton = new Baton(time);
    final Trace trace;
    final JobQueue queue;
    final SimulatedStorage files;
    final AudioStorage storage;
    final JobWatch jobs;
    final LeaseWatch leases;
    final CallWatch calls;
    final LimitWatch limits;
    /** The account of those who stand in. */
    final LimitWatch standInLimits;

    final Spells spells;
    final EventWatch events;
    final Bug bug;

    World(Scenario scenario, Bug bug, SpoolDirectory spool, boolean traced) {
        this.scenario = scenario;
        this.bug = bug;
        trace = new Trace(time, traced);
        files = new SimulatedStorage(time, spool.path());
        storage = bug.storage(files, this);
        queue = bug.queue(JobQueue.inMemory(time), this);
        events = new EventWatch(this);
        jobs = new JobWatch(this);
        leases = new LeaseWatch(this);
        calls = new CallWatch(this);
        limits = new LimitWatch(time, scenario.limit);
        standInLimits = new LimitWatch(time, scenario.limit);
        spells = new Spells(this);
    }

    Instant now() {
        return time.instant();
    }

    /** How much of a key people need to see. */
    static String brief(ClipKey key) {
        return key.hex().substring(0, 8);
    }
}
