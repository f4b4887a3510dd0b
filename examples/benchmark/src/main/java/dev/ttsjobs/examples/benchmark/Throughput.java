package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Clips a second against a provider that answers at once, side by side: TTS Jobs, a plain executor that makes the same calls
 * and files and remembers nothing, and a durable queue that runs the plain call as its task. The work is accepted before
 * the clock starts; it stops when the last clip is on record as done. Contenders take turns, and the first round is thrown
 * away.
 */
@Command(name = "throughput", description = "Clips a second, against a plain executor and against durable queues.")
final class Throughput extends Measure {

    @Option(names = "--clips", defaultValue = "3000", description = "A round. Default: ${DEFAULT-VALUE}")
    private int clips;

    @Option(names = "--runs", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}")
    private int runs;

    @Option(names = "--warm-up", defaultValue = "1", description = "Rounds before. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(names = "--threads", defaultValue = "16", description = "Calls at once. Default: ${DEFAULT-VALUE}")
    private int threads;

    private final Bench.Supply benches;

    Throughput(Bench.Supply benches) {
        this.benches = benches;
    }

    /** Does a round and says how long it took, in seconds. */
    private interface Contender {
        double round(Bench bench, Surroundings surroundings) throws Exception;
    }

    private record Surroundings(OpenAiSpeechSynthesizer synthesizer, Path folder, String database, String series) {

        LocalAudioStorage storage() {
            return LocalAudioStorage.open(folder.resolve("audio"), URI.create("https://example.org/audio"));
        }
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put("plain executor", this::plain);
        contenders.put("tts-jobs", this::ttsJobs);
        contenders.put("db-scheduler", this::dbScheduler);
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        try (Bench bench = benches.open()) {
            String provider = bench.startProvider();
            try (OpenAiSpeechSynthesizer synthesizer =
                    OpenAiSpeechSynthesizer.builder().baseUrl(provider).build()) {
                for (int run = -warmUp; run < runs; run++) {
                    List<String> order = new ArrayList<>(contenders.keySet());
                    Collections.rotate(order, run);
                    for (String name : order) {
                        String series = name + " " + run;
                        Surroundings surroundings = new Surroundings(
                                synthesizer,
                                bench.folder().resolve(series.replace(' ', '-')),
                                bench.newDatabase(),
                                series);
                        double seconds =
                                Objects.requireNonNull(contenders.get(name)).round(bench, surroundings);
                        if (run >= 0) {
                            rates.computeIfAbsent(name, key -> new ArrayList<>())
                                    .add(clips / seconds);
                        }
                    }
                }
            } finally {
                bench.stopProcesses();
            }
        }
        report(out, rates);
    }

    private static void report(PrintWriter out, Map<String, List<Double>> rates) {
        Map<String, Double> medians = new LinkedHashMap<>();
        rates.forEach((name, values) -> {
            Figures figures = new Figures(name + ", clips/s", values);
            medians.put(name, figures.median());
            out.println(figures.line());
        });
        double ours = Objects.requireNonNull(medians.get("tts-jobs"));
        medians.forEach((name, median) -> {
            if (!name.equals("tts-jobs")) {
                out.printf(Locale.ROOT, "tts-jobs / %s: %.2f%n", name, ours / median);
            }
        });
    }

    private double plain(Bench bench, Surroundings surroundings) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try (LocalAudioStorage storage = surroundings.storage()) {
            PlainCall call = new PlainCall(surroundings.synthesizer, storage);
            long start = System.nanoTime();
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < clips; i++) {
                String text = Bench.text(surroundings.series, i);
                done.add(executor.submit(() -> {
                    call.make(text);
                    return null;
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            executor.shutdownNow();
        }
    }

    private double ttsJobs(Bench bench, Surroundings surroundings) throws Exception {
        try (HikariDataSource source = bench.connect(surroundings.database, 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source);
                LocalAudioStorage storage = surroundings.storage()) {
            SpeechJobs jobs = SpeechJobs.builder(queue).build();
            JobId id = jobs.submit(Bench.deck(surroundings.series, clips)).id();
            CountDownLatch ended = new CountDownLatch(1);
            // Nobody asks meanwhile: questions would take the connections that the worker needs.
            JobListener listener = new JobListener() {
                @Override
                public void jobEnded(JobId job) {
                    ended.countDown();
                }
            };
            long start = System.nanoTime();
            try (SpeechWorker worker = SpeechWorker.builder(queue, storage, surroundings.synthesizer)
                    .limit(RateLimit.UNLIMITED)
                    .concurrency(threads)
                    .listener(listener)
                    .build()) {
                worker.start();
                if (!ended.await(Bench.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException("not ended: " + jobs.find(id));
                }
                double seconds = (System.nanoTime() - start) / 1e9;
                if (jobs.find(id).orElseThrow().status() != JobStatus.COMPLETED) {
                    throw new IllegalStateException("not completed: " + jobs.find(id));
                }
                return seconds;
            }
        }
    }

    private double dbScheduler(Bench bench, Surroundings surroundings) throws Exception {
        try (HikariDataSource source = bench.connect(surroundings.database, threads + 4);
                LocalAudioStorage storage = surroundings.storage()) {
            PlainCall call = new PlainCall(surroundings.synthesizer, storage);
            return DbSchedulerPeer.round(source, threads, clips, i -> {
                try {
                    call.make(Bench.text(surroundings.series, i));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }
    }
}
