package dev.ttsjobs.examples.cli;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.SettingsException;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.JobStore.JobQuery;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** An operator's look at the jobs of a server, and a hand in them. */
@Command(
        name = "jobs",
        mixinStandardHelpOptions = true,
        description =
                "Shows the jobs of a server, retries them or calls them off. Run it with the server's environment.")
final class Jobs {

    /** Some of the jobs that were named were not there, or there was nothing to do. */
    private static final int NOT_ALL = 1;

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    Jobs(Map<String, String> environment) {
        this.environment = environment;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "The newest jobs, one a line.")
    int list(
            @Option(names = "--status", description = "PENDING, PROCESSING, COMPLETED, FAILED or CANCELLED.") @Nullable
                    JobStatus status,
            @Option(names = "--owner") @Nullable String owner,
            @Option(names = "--limit", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}") int limit) {
        try (Workshop workshop = workshop()) {
            for (Job job : workshop.jobs().list(new JobQuery(owner, status, null, null, limit))) {
                out().println(line(job));
            }
            out().flush();
            return 0;
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Jobs with all that failed in them.")
    int show(@Parameters(arity = "1..*", paramLabel = "JOB") List<String> ids) {
        return each(ids, "there is no such job", this::show);
    }

    private boolean show(SpeechJobs jobs, JobId id) {
        Job job = jobs.find(id).orElse(null);
        if (job == null) {
            return false;
        }
        out().println(line(job));
        out().printf(
                        Locale.ROOT,
                        "  %d clips, %d of them bought in %d attempts; %,d characters, %,d of them bought: %d s of"
                                + " audio%n",
                        job.usage().clips(),
                        job.usage().billedClips(),
                        job.usage().attempts(),
                        job.usage().characters(),
                        job.usage().billedCharacters(),
                        job.usage().billedAudio().toSeconds());
        if (job.progress().waitingFor() != null) {
            out().println("  waits: "
                    + oneLine(job.progress().waitingFor().failure().message()));
        }
        for (PhraseResult phrase : jobs.results(id)) {
            phrase.sides().forEach((language, side) -> failure(phrase, language, side.failure()));
        }
        return true;
    }

    private void failure(PhraseResult phrase, String language, @Nullable Failure failure) {
        if (failure != null) {
            String item = phrase.itemId() == null ? "phrase " + phrase.index() : phrase.itemId();
            out().println("  " + oneLine(item) + ", " + language + ": "
                    + oneLine(failure.code() + ": " + failure.message()));
        }
    }

    @Command(name = "retry", mixinStandardHelpOptions = true, description = "Makes what failed again.")
    int retry(@Parameters(arity = "1..*", paramLabel = "JOB") List<String> ids) {
        return each(ids, "there is nothing to make again", (jobs, id) -> said(id, "queued again", jobs.retry(id)));
    }

    @Command(name = "cancel", mixinStandardHelpOptions = true, description = "Calls jobs off.")
    int cancel(@Parameters(arity = "1..*", paramLabel = "JOB") List<String> ids) {
        return each(ids, "it has ended, or never was", (jobs, id) -> said(id, "called off", jobs.cancel(id)));
    }

    private boolean said(JobId id, String what, boolean done) {
        if (done) {
            out().println(id + ": " + what);
        }
        return done;
    }

    private int each(List<String> names, String otherwise, BiPredicate<SpeechJobs, JobId> action) {
        // All before the first is touched: a slip of the hand changes nothing.
        List<JobId> ids = names.stream().map(JobId::parse).toList();
        int code = 0;
        try (Workshop workshop = workshop()) {
            for (JobId id : ids) {
                if (!action.test(workshop.jobs(), id)) {
                    spec.commandLine().getErr().println(id + ": " + otherwise);
                    code = NOT_ALL;
                }
            }
        }
        out().flush();
        return code;
    }

    private Workshop workshop() {
        requireDatabase(environment);
        return Workshop.open(Settings.from(environment));
    }

    /** Nobody asks for the jobs of a database that the question would make. */
    static void requireDatabase(Map<String, String> environment) {
        if (!environment.containsKey("DATABASE_URL") && !environment.containsKey("TTS_DATA_DIR")) {
            throw new SettingsException("DATABASE_URL or TTS_DATA_DIR must be set as they are for the server");
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static String line(Job job) {
        return String.format(
                Locale.ROOT,
                "%s  %-10s %5d of %d, %d failed  %s  %s",
                job.id(),
                job.status(),
                job.progress().processed(),
                job.progress().total(),
                job.progress().failed(),
                job.timeline().createdAt(),
                oneLine(job.details().owner()));
    }

    /** What users wrote must not steer the terminal. */
    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ");
    }
}
