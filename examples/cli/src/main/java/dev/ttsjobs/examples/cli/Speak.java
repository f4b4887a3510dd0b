package dev.ttsjobs.examples.cli;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.CostEstimate;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.text.SpokenText;
import dev.ttsjobs.time.Sleeper;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Speaks a deck. Running it again buys only what is missing or has changed. */
@Command(
        name = "speak",
        mixinStandardHelpOptions = true,
        description = "Speaks a deck into a folder: audio, manifest.csv, and anki.txt to import.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:all is there",
            "1:some audio could not be made; the rest is there",
            "2:bad input; nothing was called for",
            "3:it would cost more than --max-cost; nothing was called for",
            "130:stopped by Ctrl-C (143 by SIGTERM); calls under way were let end; run it again to go on"
        })
final class Speak implements Callable<Integer> {

    static final int BAD_INPUT = 2;
    private static final int SOME_FAILED = 1;
    private static final int TOO_COSTLY = 3;
    private static final int LONGEST = 20_000;
    private static final Duration GRACE = Duration.ofSeconds(25);

    private final Map<String, String> environment;

    @Parameters(paramLabel = "DECK", description = ".csv, .tsv, .txt (Anki), .psv or .apkg, in UTF-8.")
    private Path deck = Path.of("");

    @Option(names = "--out", required = true, description = "The folder for the audio and the record of it.")
    private Path out = Path.of("");

    @Option(
            names = "--languages",
            split = ",",
            defaultValue = "en,fr",
            description = "Of the columns, in their order; - for one to leave out. Default: ${DEFAULT-VALUE}")
    private List<String> languages = List.of();

    @Option(names = "--voice", description = "en=alloy; may be given more than once.")
    private Map<String, String> voices = new LinkedHashMap<>();

    @Option(
            names = "--keep-notices",
            description = "Speaks rows that look like a notice about the deck, such as its licence, or that name the"
                    + " columns, too.")
    private boolean keepNotices;

    @Option(names = "--dry-run", description = "Says what it would cost, and does nothing.")
    private boolean dryRun;

    @Option(names = "--max-cost", description = "US dollars; dearer decks are refused.")
    private @Nullable BigDecimal maxCost;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    Speak(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter say = spec.commandLine().getOut();
        List<List<String>> rows = Deck.read(deck);
        List<Phrase> phrases = phrases(rows, say);
        long spoken =
                languages.stream().filter(language -> !language.equals("-")).count();
        if (spoken > 1 && rows.stream().allMatch(row -> row.size() == 1)) {
            say.println("every row has one column, and --languages names " + spoken
                    + ": the others are not there, or are parted by another sign than this kind of file has");
        }
        if (phrases.isEmpty()) {
            throw new Deck.DeckException(deck, "no row has a text to speak in the columns of --languages");
        }
        try (Workshop workshop = Workshop.open(settings())) {
            JobRequest request = JobRequest.builder("tts").phrases(phrases).build();
            CostEstimate estimate = workshop.jobs().estimate(request);
            say.printf(
                    Locale.ROOT,
                    "%d cards, %d distinct texts, %d there already, %d to make: %,d characters, about %s, at least %d"
                            + " s%n",
                    phrases.size(),
                    estimate.clips(),
                    estimate.cachedClips(),
                    estimate.clips() - estimate.cachedClips(),
                    estimate.billableCharacters(),
                    price(estimate.cost()),
                    estimate.duration().toSeconds());
            say.flush();
            if (maxCost != null && estimate.usd().compareTo(maxCost) > 0) {
                spec.commandLine().getErr().println("That is more than --max-cost " + maxCost.toPlainString());
                return TOO_COSTLY;
            }
            return dryRun ? 0 : make(workshop, request, say);
        }
    }

    /** One sum where it is known before, else with its bounds. */
    private static String price(CostEstimate.Usd usd) {
        String likely = usd.likely().stripTrailingZeros().toPlainString() + " USD";
        return usd.low().compareTo(usd.high()) == 0
                ? likely
                : likely + " (" + usd.low().stripTrailingZeros().toPlainString() + " to "
                        + usd.high().stripTrailingZeros().toPlainString() + ")";
    }

    private List<Phrase> phrases(List<List<String>> rows, PrintWriter say) {
        List<Phrase> phrases = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            Map<String, String> texts = new LinkedHashMap<>();
            if (!keepNotices && rows.get(row).stream().anyMatch(CardText::isNotice)) {
                say.println("row " + (row + 1)
                        + ": left out, it looks like a notice about the deck; --keep-notices speaks it");
                continue;
            }
            if (!keepNotices && row == 0 && namesTheColumns(rows.get(row))) {
                say.println("row 1: left out, it names the columns; --keep-notices speaks it");
                continue;
            }
            for (int column = 0;
                    column < Math.min(languages.size(), rows.get(row).size());
                    column++) {
                String language = languages.get(column);
                String text = CardText.spoken(rows.get(row).get(column));
                if (language.equals("-")) {
                    continue;
                }
                var problem = SpokenText.problem(SpokenText.normalize(text), LONGEST);
                if (problem.isEmpty()) {
                    texts.put(language, text);
                } else {
                    say.println("row " + (row + 1) + ", " + language + ": left out, "
                            + problem.get().message());
                }
            }
            if (!texts.isEmpty()) {
                phrases.add(new Phrase(String.valueOf(row + 1), texts));
            }
        }
        return phrases;
    }

    /** Whether each column that is spoken begins with the name of its language: en, or English. */
    private boolean namesTheColumns(List<String> row) {
        for (int column = 0; column < Math.min(languages.size(), row.size()); column++) {
            String language = languages.get(column);
            String name = Locale.forLanguageTag(language).getDisplayLanguage(Locale.ENGLISH);
            String text = row.get(column).strip();
            if (!language.equals("-") && !text.equalsIgnoreCase(language) && !text.equalsIgnoreCase(name)) {
                return false;
            }
        }
        return true;
    }

    private Settings settings() {
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "--out " + out + " cannot be made: name a folder that you may write to", e);
        }
        Map<String, String> variables = new HashMap<>(environment);
        Path record = out.resolve(".tts");
        variables.putIfAbsent("TTS_DATA_DIR", record.toString());
        variables.putIfAbsent("LOCAL_STORAGE_PATH", record.resolve("audio").toString());
        variables.putIfAbsent("TTS_PRICE_PER_MILLION_CHARACTERS", "auto");
        variables.put("TTS_MAX_PHRASES_PER_JOB", "100000");
        variables.put("TTS_MAX_JOBS_PER_DAY", "0");
        voices.forEach((language, voice) ->
                variables.put("TTS_VOICE_" + language.toUpperCase(Locale.ROOT).replace('-', '_'), voice));
        return Settings.from(variables);
    }

    private int make(Workshop workshop, JobRequest request, PrintWriter say) throws IOException, InterruptedException {
        JobId id = workshop.jobs().submit(request).id();
        AtomicInteger bought = new AtomicInteger();
        // Counted here: a job that goes on where another was stopped finds that one has put the bill on its own
        // account.
        SpeechWorker worker = workshop.startWorker(new JobListener() {
            @Override
            public void clipMade(ClipKey key, boolean paid) {
                bought.addAndGet(paid ? 1 : 0);
            }
        });
        // What was paid for is kept: calls under way end, and the next run goes on from there.
        Thread onSignal = new Thread(() -> worker.close(GRACE));
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            Job job = watch(workshop, id, say);
            int lost = Export.write(out, deck, workshop, request, id);
            say.printf(
                    Locale.ROOT,
                    "%d texts bought, %d there already, %d cards lack some audio; see %s%n",
                    bought.get(),
                    job.usage().clips() - bought.get(),
                    job.progress().failed(),
                    out.resolve("manifest.csv"));
            if (job.progress().errorMessage() != null) {
                spec.commandLine().getErr().println(job.progress().errorMessage());
            }
            if (lost > 0) {
                Path record = out.resolve(".tts");
                spec.commandLine()
                        .getErr()
                        .printf(
                                "%d texts have audio on record that is no longer there. To buy it again: TTS_DATA_DIR=%s java"
                                        + " -jar tts.jar audio verify %s --repair, and then the same command as now%n",
                                lost,
                                environment.getOrDefault("TTS_DATA_DIR", record.toString()),
                                environment.getOrDefault(
                                        "LOCAL_STORAGE_PATH",
                                        record.resolve("audio").toString()));
            }
            say.flush();
            return job.progress().failed() == 0 && lost == 0 ? 0 : SOME_FAILED;
        } finally {
            worker.close(GRACE);
            removeHook(onSignal);
        }
    }

    static void removeHook(Thread onSignal) {
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            // The program is ending, and the hook at work.
        }
    }

    private static String waiting(Job.@Nullable WaitingFor waiting) {
        return waiting == null
                ? ""
                : "waiting: " + waiting.failure().code() + ": "
                        + waiting.failure().message()
                        + " It goes on once that is mended; stopped, the same command goes on from here.";
    }

    private Job watch(Workshop workshop, JobId id, PrintWriter say) throws InterruptedException {
        boolean terminal = System.console() != null;
        int said = -1;
        String told = "";
        try (ProgressBar bar = terminal ? new ProgressBar("cards", 1) : null) {
            while (true) {
                Job job = workshop.jobs().find(id).orElseThrow();
                Job.Progress progress = job.progress();
                if (bar != null) {
                    bar.maxHint(progress.total()).stepTo(progress.processed());
                } else if (progress.processed() * 10 / progress.total() != said) {
                    said = progress.processed() * 10 / progress.total();
                    say.println(progress.processed() + " of " + progress.total());
                    say.flush();
                }
                if (job.status().hasEnded()) {
                    return job;
                }
                String waiting = waiting(progress.waitingFor());
                if (!waiting.equals(told)) {
                    told = waiting;
                    spec.commandLine().getErr().println(waiting.isEmpty() ? "going on" : waiting);
                }
                Sleeper.system().sleep(Duration.ofMillis(200));
            }
        }
    }
}
