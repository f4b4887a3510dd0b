package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.voice.Latency;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.RateLimit;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A deck under the provider's limit, from commit to completed, over the least time that the limit allows: the last call can
 * start no sooner than (n - 1) intervals after the first one, and takes its latency.
 */
@Command(name = "makespan", description = "Time for a deck over the least possible under the provider's limit.")
final class Makespan extends Measure {

    private static final Duration LATENCY = Duration.ofMillis(300);

    @Option(names = "--clips", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}")
    private int clips;

    @Option(names = "--rpm", defaultValue = "3000", description = "Calls a minute. Default: ${DEFAULT-VALUE}")
    private int requestsPerMinute;

    @Option(names = "--workers", split = ",", defaultValue = "1,2,4", description = "Default: ${DEFAULT-VALUE}")
    private List<Integer> workers = List.of();

    @Option(names = "--runs", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}")
    private int runs;

    private final Bench.Supply benches;

    Makespan(Bench.Supply benches) {
        this.benches = benches;
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        double least = (clips - 1) * 60.0 / requestsPerMinute + LATENCY.toMillis() / 1000.0;
        out.printf(
                Locale.ROOT,
                "%d clips at %d a minute, %d ms a call: at least %.3f s%n",
                clips,
                requestsPerMinute,
                LATENCY.toMillis(),
                least);
        for (int processes : workers) {
            List<Double> ratios = new ArrayList<>();
            long refused = 0;
            long beyond = 0;
            for (int run = 0; run < runs; run++) {
                Run result = run(processes);
                ratios.add(result.seconds / least);
                refused += result.refused;
                beyond += result.calls - clips;
            }
            out.println(new Figures(processes + " worker processes, ratio", ratios).line());
            out.printf(Locale.ROOT, "    refused with 429: %d, calls beyond the distinct clips: %d%n", refused, beyond);
            out.flush();
        }
    }

    private record Run(double seconds, long refused, long calls) {}

    private Run run(int processes) throws Exception {
        try (Bench bench = benches.open();
                OfflineVoiceServer provider = OfflineVoiceServer.start(VoiceServerOptions.builder()
                        .engine(VoiceServerOptions.Engine.TONE)
                        .latency(new Latency(LATENCY, Duration.ZERO))
                        // Forgives a fifth of a second of unevenness: calls cross a network and a busy machine.
                        .rateLimit(
                                RateLimit.perMinute(requestsPerMinute).withBurst(Math.max(2, requestsPerMinute / 300)))
                        .build())) {
            String url = bench.newDatabase();
            try (HikariDataSource source = bench.connect(url, 3);
                    JdbcJobQueue queue = JdbcJobQueue.open(source)) {
                SpeechJobs jobs = SpeechJobs.builder(queue).build();
                for (int i = 0; i < processes; i++) {
                    bench.startWorker(url, provider.baseUrl(), requestsPerMinute);
                }
                Bench.awaitEnd(jobs, jobs.submit(Bench.deck("warm", 20)).id());
                provider.ledger().clear();
                JobId id = jobs.submit(Bench.deck("hot", clips)).id();
                Bench.awaitEnd(jobs, id);
                Job job = jobs.find(id).orElseThrow();
                if (job.progress().failed() > 0) {
                    throw new IllegalStateException("clips failed: " + job.progress());
                }
                Duration took = Duration.between(
                        job.timeline().createdAt(),
                        Objects.requireNonNull(job.timeline().completedAt()));
                return new Run(
                        took.toNanos() / 1e9,
                        provider.ledger().byStatus().getOrDefault(429, 0L),
                        provider.ledger().calls());
            } finally {
                bench.stopProcesses();
            }
        }
    }
}
