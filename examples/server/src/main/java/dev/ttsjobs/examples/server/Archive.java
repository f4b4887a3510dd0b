package dev.ttsjobs.examples.server;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** A job's audio in one zip file, written as it is read: its size in memory does not depend on the job's. */
final class Archive {

    private static final int LONGEST_WORDS = 40;

    /** What a formula begins with, or a cell that is cut there; the wide forms count where Chinese and Japanese are written. */
    private static final String FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

    private final AudioStorage storage;
    private final Map<String, Decks.Card> cards;
    private final StringBuilder manifest = new StringBuilder();

    /** @param cards the cards of the job's deck by id: what the files are called after */
    Archive(AudioStorage storage, Map<String, Decks.Card> cards) {
        this.storage = storage;
        this.cards = cards;
    }

    void write(List<PhraseResult> results, OutputStream out) throws IOException {
        row(List.of("index", "cardId", "question", "answer", "language", "file", "durationMs", "bytes", "error"));
        // Not closed when something fails: closing would make a whole file of what is not.
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        // Audio does not shrink further.
        zip.setLevel(Deflater.NO_COMPRESSION);
        for (PhraseResult result : results) {
            for (Map.Entry<String, PhraseResult.Side> side : result.sides().entrySet()) {
                add(zip, result, side.getKey(), side.getValue());
            }
        }
        zip.putNextEntry(new ZipEntry("manifest.csv"));
        zip.write(manifest.toString().getBytes(StandardCharsets.UTF_8));
        zip.close();
    }

    private void add(ZipOutputStream zip, PhraseResult result, String language, PhraseResult.Side side)
            throws IOException {
        PhraseResult.Audio audio = side.audio();
        String file = "";
        String error = error(side.failure());
        if (audio != null && storage.find(audio.name()).isPresent()) {
            file = fileName(result, language, audio.name());
            zip.putNextEntry(new ZipEntry(file));
            try (InputStream in = storage.open(audio.name())) {
                in.transferTo(zip);
            }
            zip.closeEntry();
        } else if (error.isEmpty()) {
            error = audio == null ? "not made" : "the file is gone";
        }
        Decks.Card card = card(result);
        List<String> cells = new ArrayList<>();
        cells.add(Integer.toString(result.index()));
        cells.add(result.itemId() == null ? "" : result.itemId());
        cells.add(card == null ? "" : card.question());
        cells.add(card == null || card.answers().isEmpty() ? "" : card.answers().get(0));
        cells.add(language);
        cells.add(file);
        cells.add(audio == null ? "" : Long.toString(audio.duration().toMillis()));
        cells.add(audio == null ? "" : Long.toString(audio.bytes()));
        cells.add(error);
        row(cells);
    }

    private static String error(@Nullable Failure failure) {
        return failure == null ? "" : failure.code() + ": " + failure.message();
    }

    private Decks.@Nullable Card card(PhraseResult result) {
        return result.itemId() == null ? null : cards.get(result.itemId());
    }

    /** {@code 007-good-morning-en.mp3}: the number keeps names apart, and nothing but plain letters gets in. */
    private String fileName(PhraseResult result, String language, AudioName name) {
        Decks.Card card = card(result);
        String words = card == null ? "" : slug(card.question());
        return String.format(Locale.ROOT, "%03d", result.index() + 1)
                + (words.isEmpty() ? "" : "-" + words)
                + "-"
                + slug(language)
                + "."
                + name.format().wireName();
    }

    /** Some words of a text in plain small letters. */
    static String slug(String text) {
        String plain = Normalizer.normalize(text, Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-");
        String cut = plain.substring(0, Math.min(LONGEST_WORDS, plain.length()));
        return cut.replaceAll("^-+|-+$", "");
    }

    private void row(List<String> cells) {
        for (int i = 0; i < cells.size(); i++) {
            manifest.append(i == 0 ? "" : ",").append(cell(cells.get(i)));
        }
        manifest.append("\r\n");
    }

    /** Quoted always; what a spreadsheet would take for a formula becomes a text. */
    static String cell(String text) {
        boolean formula = !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0;
        return "\"" + (formula ? "'" : "") + text.replace("\"", "\"\"") + "\"";
    }
}
