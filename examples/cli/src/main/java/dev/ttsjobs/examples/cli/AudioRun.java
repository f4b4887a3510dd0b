package dev.ttsjobs.examples.cli;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore;
import java.io.PrintWriter;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a walk over the audio is; says so when it breaks off, so that the next one need not begin at the beginning. */
final class AudioRun implements AutoCloseable {

    private static final int PAGE = 1000;

    /** Where it begins, as the command line says. */
    static final class Beginning {

        @Option(names = "--after", description = "A clip to go on after; what is before it is not looked at again.")
        private @Nullable String after;
    }

    private final @Nullable ClipKey after;
    private final PrintWriter err;
    private final @Nullable ProgressBar bar;
    private final Thread onSignal = new Thread(this::sayHowToGoOn);
    private volatile @Nullable ClipKey last;

    AudioRun(Beginning beginning, JobStore records, PrintWriter err) {
        this.after = beginning.after == null ? null : new ClipKey(beginning.after);
        this.err = err;
        bar = System.console() == null ? null : new ProgressBar("files", count(records, after));
        Runtime.getRuntime().addShutdownHook(onSignal);
    }

    /** The clip to go on after; null for the beginning. */
    @Nullable
    ClipKey after() {
        return after;
    }

    /** One more has been looked at. */
    void at(@Nullable ClipKey clip) {
        last = clip;
        if (bar != null) {
            bar.step();
        }
    }

    /** So many have been looked at. */
    void at(@Nullable ClipKey clip, long looked) {
        last = clip;
        if (bar != null) {
            bar.stepTo(looked);
        }
    }

    void sayHowToGoOn() {
        ClipKey place = last;
        if (place != null) {
            err.println("to go on from here: --after " + place.hex());
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
        Speak.removeHook(onSignal);
    }

    private static long count(JobStore records, @Nullable ClipKey after) {
        long count = 0;
        ClipKey last = after;
        while (true) {
            List<JobStore.AudioRecord> page = records.audio(last, PAGE);
            count += page.size();
            if (page.size() < PAGE) {
                return count;
            }
            last = page.get(PAGE - 1).key();
        }
    }
}
