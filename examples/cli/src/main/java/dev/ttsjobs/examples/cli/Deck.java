package dev.ttsjobs.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** The rows of a deck in one of the formats that flashcard programs write. */
final class Deck {

    private static final Pattern SEPARATOR = Pattern.compile("(?i)^\\uFEFF?(?:#separator:|sep=)(.+)");
    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
    private static final int LOOKED_AT = 100;
    private static final Pattern NEVER_CLOSED = Pattern.compile("\\(startline (\\d+)\\) EOF");

    private Deck() {}

    /**
     * Reads a deck by its name's ending: {@code .csv}, {@code .tsv}, {@code .txt} (Anki's text export), {@code .psv}, {@code
     * .apkg}. Files are UTF-8. A first line such as {@code #separator:Semicolon} (Anki) or {@code sep=;} (Excel) is obeyed,
     * and so are semicolons or tabs that part all rows of a {@code .csv} alike where commas do not.
     *
     * @throws DeckException when it is none of these, or cannot be read
     */
    static List<List<String>> read(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (!Files.isRegularFile(file)) {
            throw new DeckException(file, "there is no such file");
        }
        try {
            List<List<String>> rows = switch (name.substring(name.lastIndexOf('.') + 1)) {
                case "csv" -> delimited(file, separator(file, ','));
                case "tsv", "txt" -> delimited(file, separator(file, '\t'));
                case "psv" -> delimited(file, '|');
                case "apkg" -> anki(file);
                default -> throw new DeckException(file, "its name must end in .csv .tsv .txt .psv or .apkg");
            };
            if (rows.isEmpty()) {
                throw new DeckException(file, "it has no rows");
            }
            return rows;
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            if (e instanceof CharacterCodingException || e.getCause() instanceof CharacterCodingException) {
                throw new DeckException(file, "it is not in UTF-8");
            }
            throw new DeckException(file, "it cannot be read: " + reason(e));
        } catch (SQLException e) {
            throw new DeckException(file, "its collection cannot be read: " + e.getMessage());
        }
    }

    private static String reason(Exception e) {
        String message = String.valueOf((e.getCause() == null ? e : e.getCause()).getMessage());
        Matcher open = NEVER_CLOSED.matcher(message);
        return open.find()
                ? "the quotation mark that opens a field in line " + open.group(1) + " is never closed"
                : message;
    }

    private static char separator(Path file, char usual) throws IOException {
        List<String> lines;
        try (Stream<String> all = Files.lines(file)) {
            lines = all.filter(line -> !line.isBlank()).limit(LOOKED_AT).toList();
        }
        for (String line : lines) {
            Matcher said = SEPARATOR.matcher(line);
            if (said.find()) {
                return named(said.group(1), usual);
            }
            if (!line.matches("\uFEFF?#.*")) {
                break;
            }
        }
        return usual != ','
                ? usual
                : Stream.of(',', ';', '\t')
                        .filter(sign -> partsAlike(lines, sign))
                        .findFirst()
                        .orElse(usual);
    }

    /** By the words that Anki writes, or the sign itself. */
    private static char named(String name, char usual) {
        // A tab itself would be gone with what is around the words.
        String word = name.isBlank() && name.contains("\t") ? "tab" : name.strip();
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "comma" -> ',';
            case "semicolon" -> ';';
            case "tab" -> '\t';
            case "space" -> ' ';
            case "pipe" -> '|';
            case "colon" -> ':';
            // Fields are put between quotation marks, so that these part none.
            default -> word.length() == 1 && !word.equals("\"") ? word.charAt(0) : usual;
        };
    }

    private static boolean partsAlike(List<String> lines, char separator) {
        List<Long> counts = lines.stream()
                .map(line -> QUOTED.matcher(line)
                        .replaceAll("")
                        .chars()
                        .filter(sign -> sign == separator)
                        .count())
                .distinct()
                .toList();
        return counts.size() == 1 && counts.get(0) > 0;
    }

    private static List<List<String>> delimited(Path file, char delimiter) throws IOException {
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setDelimiter(delimiter)
                .setTrailingData(true)
                .setIgnoreEmptyLines(true)
                .get();
        List<List<String>> rows = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                CSVParser parser = format.parse(reader)) {
            for (CSVRecord row : parser) {
                List<String> fields = new ArrayList<>(row.toList());
                if (rows.isEmpty()) {
                    fields.set(0, fields.get(0).replaceFirst("^\uFEFF", ""));
                }
                // Anki's text export begins with lines such as #separator:tab, Excel's may with sep=;
                if (!rows.isEmpty() || !fields.get(0).matches("(?i)#[a-z ]+:.*|sep=.?")) {
                    rows.add(fields);
                }
            }
        }
        return rows;
    }

    private static List<List<String>> anki(Path file) throws IOException, SQLException {
        Path collection = Files.createTempFile("tts-deck", ".db");
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.getEntry("collection.anki21b") != null) {
                throw new DeckException(file, "export it with \"Support older Anki versions\", or as text");
            }
            ZipEntry entry = zip.getEntry("collection.anki21") != null
                    ? zip.getEntry("collection.anki21")
                    : zip.getEntry("collection.anki2");
            if (entry == null) {
                throw new DeckException(file, "there is no Anki collection in it");
            }
            try (InputStream in = zip.getInputStream(entry)) {
                Files.copy(in, collection, StandardCopyOption.REPLACE_EXISTING);
            }
            List<List<String>> rows = new ArrayList<>();
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + collection);
                    Statement statement = connection.createStatement();
                    ResultSet notes = statement.executeQuery("SELECT flds FROM notes ORDER BY id")) {
                while (notes.next()) {
                    rows.add(List.of(notes.getString(1).split("\u001f", -1)));
                }
            }
            return rows;
        } finally {
            Files.deleteIfExists(collection);
        }
    }

    /** A deck cannot be used; the message is one line for whoever gave it. */
    static final class DeckException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        DeckException(Path file, String why) {
            super(file + ": " + why);
        }
    }
}
