package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceLedger;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import dev.ttsjobs.time.Sleeper;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long after a cancel has returned the provider still gets calls for the job: with the worker in the process that
 * cancels, and with the worker in another.
 */
@Command(name = "cancellation", description = "From a job's cancel to the provider's last call for it.")
final class Cancellation extends Measure {

    private static final Duration LATENCY = Duration.ofMillis(300);

    /** Long enough to see a call that comes too late. */
    private static final Duration WATCHED = Duration.ofSeconds(2);

    @Option(names = "--jobs", defaultValue = "20", description = "Cancelled in each place. Default: ${DEFAULT-VALUE}")
    private int count;

    @Option(names = "--rpm", defaultValue = "3000", description = "Calls a minute. Default: ${DEFAULT-VALUE}")
    private int requestsPerMinute;

    private final Bench.Supply benches;

    Cancellation(Bench.Supply benches) {
        this.benches = benches;
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        try (Bench bench = benches.open();
                OfflineVoiceServer provider = Bench.provider(LATENCY)) {
            here(bench, provider, out);
            elsewhere(bench, provider, out);
        }
    }

    private void here(Bench bench, OfflineVoiceServer provider, PrintWriter out) throws Exception {
        try (HikariDataSource source = bench.connect(bench.newDatabase(), 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source);
                LocalAudioStorage storage = LocalAudioStorage.open(
                        bench.folder().resolve("here"), URI.create("https://example.org/audio"));
                OpenAiSpeechSynthesizer synthesizer = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(provider.baseUrl())
                        .build();
                SpeechWorker worker = SpeechWorker.builder(queue, storage, synthesizer)
                        .limit(RateLimit.perMinute(requestsPerMinute))
                        .build()) {
            worker.start();
            report(out, "here", cancels(SpeechJobs.builder(queue).build(), provider.ledger(), "here"));
        }
    }

    private void elsewhere(Bench bench, OfflineVoiceServer provider, PrintWriter out) throws Exception {
        String url = bench.newDatabase();
        try (HikariDataSource source = bench.connect(url, 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            SpeechJobs jobs = SpeechJobs.builder(queue).build();
            bench.startWorker(url, provider.baseUrl(), requestsPerMinute);
            report(out, "in another process", cancels(jobs, provider.ledger(), "elsewhere"));
        } finally {
            bench.stopProcesses();
        }
    }

    /** From each cancel to the last call, in seconds; 0 where none came after it. */
    private List<Double> cancels(SpeechJobs jobs, VoiceLedger ledger, String place) throws InterruptedException {
        List<Double> late = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ledger.clear();
            // More than can be made before it is cancelled.
            JobId id =
                    jobs.submit(Bench.deck(place + " " + i, requestsPerMinute)).id();
            Bench.await(Duration.ofSeconds(30), "the job to be under way", () -> ledger.calls() > 30);
            jobs.cancel(id);
            Instant cancelled = Instant.now();
            Sleeper.system().sleep(WATCHED);
            late.add(ledger.entries().stream()
                    .map(VoiceLedger.Entry::at)
                    .mapToDouble(at -> Duration.between(cancelled, at).toNanos() / 1e9)
                    .reduce(0, Math::max));
        }
        return late;
    }

    private void report(PrintWriter out, String place, List<Double> seconds) {
        Figures figures = new Figures(place, seconds);
        out.printf(
                Locale.ROOT,
                "cancel to the last call, worker %s, %d jobs: p50 %.3f s, worst %.3f s%n",
                place,
                count,
                figures.median(),
                figures.quantile(1));
        out.flush();
    }
}
