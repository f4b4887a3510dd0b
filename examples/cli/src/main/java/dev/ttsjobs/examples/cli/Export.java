package dev.ttsjobs.examples.cli;

import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.job.PhraseResult;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/** Writes the audio of a job under readable names, with a manifest and a file that Anki imports as it is. */
final class Export {

    private static final CSVFormat MANIFEST = CSVFormat.DEFAULT
            .builder()
            .setRecordSeparator('\n')
            .setHeader("card", "language", "text", "file", "seconds", "bytes", "sha256_name", "failure")
            .get();

    private Export() {}

    /** @return how many texts have audio on record that the storage does not have */
    static int write(Path out, Path deck, Workshop workshop, JobRequest request, JobId id) throws IOException {
        Path media = Files.createDirectories(out.resolve("media"));
        String series = CardText.fileName(String.valueOf(deck.getFileName()));
        List<PhraseResult> results = workshop.jobs().results(id);
        int lost = 0;
        try (BufferedWriter manifestFile = Files.newBufferedWriter(out.resolve("manifest.csv"));
                CSVPrinter manifest = new CSVPrinter(manifestFile, MANIFEST);
                BufferedWriter anki = Files.newBufferedWriter(out.resolve("anki.txt"))) {
            anki.write("#separator:tab\n#html:false\n");
            for (int i = 0; i < results.size(); i++) {
                Phrase phrase = request.phrases().get(i);
                StringBuilder row = new StringBuilder();
                for (Map.Entry<String, String> side : phrase.texts().entrySet()) {
                    PhraseResult.Side result = results.get(i).sides().get(side.getKey());
                    String file = copy(workshop, result, media, series, phrase, side.getKey());
                    lost += file == null && result != null && result.audio() != null ? 1 : 0;
                    record(manifest, phrase, side, result, file);
                    row.append(row.isEmpty() ? "" : "\t")
                            .append(quoted(side.getValue() + (file == null ? "" : " [sound:" + file + "]")));
                }
                anki.write(row.append('\n').toString());
            }
        }
        return lost;
    }

    /** A text that begins like a comment or holds quotes must not end the import. */
    private static String quoted(String field) {
        return '"' + field.replace("\"", "\"\"") + '"';
    }

    private static @Nullable String copy(
            Workshop workshop,
            PhraseResult.@Nullable Side side,
            Path media,
            String series,
            Phrase phrase,
            String language)
            throws IOException {
        PhraseResult.Audio audio = side == null ? null : side.audio();
        if (audio == null || workshop.storage().find(audio.name()).isEmpty()) {
            return null;
        }
        String text = CardText.fileName(phrase.texts().getOrDefault(language, ""));
        String ending = audio.name().value().substring(audio.name().value().lastIndexOf('.'));
        String file = series + "_" + phrase.itemId() + "_" + language + "_" + text + ending;
        Path part = media.resolve(file + ".part");
        try (InputStream in = workshop.storage().open(audio.name())) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(part, media.resolve(file), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return file;
    }

    private static void record(
            CSVPrinter manifest,
            Phrase phrase,
            Map.Entry<String, String> text,
            PhraseResult.@Nullable Side side,
            @Nullable String file)
            throws IOException {
        PhraseResult.Audio audio = file == null || side == null ? null : side.audio();
        String failure = side == null
                ? ""
                : side.failure() != null ? side.failure().code() : side.audio() != audio ? "lost" : "";
        manifest.printRecord(
                phrase.itemId(),
                text.getKey(),
                text.getValue(),
                file == null ? "" : "media/" + file,
                audio == null ? "" : audio.duration().toMillis() / 1000.0,
                audio == null ? "" : audio.bytes(),
                audio == null ? "" : audio.name().value(),
                failure);
    }
}
