package dev.ttsjobs.upkeep;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All audio on record, in the order of keys, in pages: memory stays constant, and workers are not held up. */
final class Records {

    private static final int PAGE = 100;

    private Records() {}

    static void forEach(JobStore store, @Nullable ClipKey after, Consumer<JobStore.AudioRecord> action) {
        forEachPage(store, after, page -> page.forEach(action));
    }

    /** Pages are never empty. */
    static void forEachPage(JobStore store, @Nullable ClipKey after, Consumer<List<JobStore.AudioRecord>> action) {
        ClipKey last = after;
        while (true) {
            List<JobStore.AudioRecord> page = store.audio(last, PAGE);
            if (page.isEmpty()) {
                return;
            }
            action.accept(page);
            last = page.get(page.size() - 1).key();
        }
    }
}
