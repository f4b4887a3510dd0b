package dev.ttsjobs.simulation;

import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;

/** A place to plant a mistake; as it stands, there is none. */
class Bug {

    static final Bug NONE = new Bug();

    /** The queue that all share. */
    JobQueue queue(JobQueue queue, World world) {
        return queue;
    }

    /** The storage that all share. */
    AudioStorage storage(SimulatedStorage storage, World world) {
        return storage;
    }

    /** The queue as a worker takes it, behind the watchers. */
    JobQueue view(JobQueue queue, World world) {
        return queue;
    }

    /** The queue as clients take it. */
    JobQueue clientView(JobQueue queue) {
        return queue;
    }

    /** The storage as a worker takes it. */
    AudioStorage view(AudioStorage storage) {
        return storage;
    }
}
