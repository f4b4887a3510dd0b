package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The named statements as such: each database takes all of its own, and none is there in vain or twice. */
class StatementsTest {

    private static final Pattern BOUND = Pattern.compile("(?<![:\\w']):([a-zA-Z]\\w*)");
    private static final Set<String> REALS = Set.of("speed", "factor");
    private static final Set<String> WORDS = Set.of(
            "id",
            "ids",
            "owner",
            "reference",
            "key",
            "keys",
            "fingerprint",
            "body",
            "model",
            "voice",
            "instructions",
            "format",
            "sha256",
            "after",
            "worker",
            "workers",
            "kind",
            "code",
            "message",
            "account",
            "handler",
            "error",
            "language",
            "itemId",
            "attributes",
            "actor",
            "address",
            "reason",
            "previous");
    /** What is a word in one statement and a number in all others. */
    private static final Map<String, Set<String>> WORDS_IN = Map.of("job", Set.of("addKey", "addAudit"));

    @ParameterizedTest
    @EnumSource
    void eachDatabaseTakesAllOfItsStatements(TestDatabase database) throws SQLException {
        Map<String, String> refused = new TreeMap<>();
        try (HikariDataSource source = database.open(1)) {
            JdbcSchema.apply(source, "tts_");
            try (Connection connection = source.getConnection()) {
                Sql sql = new Sql(Dialect.of(connection), "tts_");
                assertTrue(sql.names().size() > 90, () -> "only " + sql.names().size());
                for (String name : sql.names()) {
                    String text = "EXPLAIN "
                            + withValues(database, name, sql.text(name)).replace(";\n", ";\nEXPLAIN ");
                    try (PreparedStatement statement = connection.prepareStatement(text)) {
                        statement.execute();
                    } catch (SQLException e) {
                        refused.put(name, e.getMessage() + " in " + text);
                    }
                }
            }
        }
        assertEquals(Map.of(), refused);
    }

    /** The statement with an empty value of the right type for all that is bound. */
    private static String withValues(TestDatabase database, String statement, String sql) {
        String all = sql.replaceAll("<\\w+>", "NULL");
        Matcher bound = BOUND.matcher(all);
        StringBuilder filled = new StringBuilder();
        while (bound.find()) {
            String before = all.substring(0, bound.start());
            boolean list = before.endsWith("ANY(") || before.lastIndexOf("unnest(") > before.lastIndexOf(')');
            bound.appendReplacement(filled, value(database, statement, bound.group(1), list));
        }
        return bound.appendTail(filled).toString();
    }

    private static String value(TestDatabase database, String statement, String name, boolean list) {
        if (database == TestDatabase.SQLITE || database == TestDatabase.MARIADB) {
            return name.equals("limit") || name.equals("most") || name.equals("max") ? "1" : "NULL";
        }
        boolean word =
                WORDS.contains(name) || WORDS_IN.getOrDefault(name, Set.of()).contains(statement);
        String type = word ? "VARCHAR" : REALS.contains(name) ? "DOUBLE PRECISION" : "BIGINT";
        String array = database == TestDatabase.H2 ? " ARRAY" : "[]";
        return "CAST(NULL AS " + type + (list ? array : "") + ")";
    }

    @Test
    void twoStatementsOfOneNameAreRefused() {
        String one = "-- name: same\nSELECT 1\n\n-- name: other @h2\nSELECT 2\n";
        assertEquals("SELECT 1", new Sql(Dialect.H2, "tts_", one).text("same"));
        for (String again : List.of("-- name: same\nSELECT 3\n", "-- name: other @h2\nSELECT 3\n")) {
            assertThrows(IllegalStateException.class, () -> new Sql(Dialect.H2, "tts_", one + "\n" + again));
        }
        String forOne = "-- name: same @h2\nSELECT 3\n";
        assertEquals("SELECT 3", new Sql(Dialect.H2, "tts_", one + "\n" + forOne).text("same"));
        assertEquals("SELECT 1", new Sql(Dialect.SQLITE, "tts_", one + "\n" + forOne).text("same"));
    }

    /** Whether there is a statement decides on some paths, so a misspelt name would take another one in silence. */
    @Test
    void whatIsNamedInTheCodeIsThereAndNothingElseIs() throws IOException {
        Set<String> there = new TreeSet<>();
        Arrays.stream(Dialect.values()).forEach(dialect -> there.addAll(new Sql(dialect, "tts_").names()));
        Pattern literal = Pattern.compile("\"(\\w+)\"");
        Set<String> literals = new TreeSet<>();
        Set<String> asked = new TreeSet<>();
        Pattern question =
                Pattern.compile("sql\\s*\\.(?:query|update|batch|text|has)\\(\\s*(?:handle,\\s*)?\"(\\w+)\"");
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String code = Files.readString(file);
                literals.addAll(literal.matcher(code)
                        .results()
                        .map(found -> found.group(1))
                        .collect(Collectors.toSet()));
                asked.addAll(question.matcher(code)
                        .results()
                        .map(found -> found.group(1))
                        .collect(Collectors.toSet()));
            }
        }
        assertTrue(asked.size() > 50, asked::toString);
        assertEquals(Set.of(), without(asked, there), "named in the code, and in no file");
        assertEquals(Set.of(), without(there, literals), "in a file, and named nowhere in the code");
    }

    private static Set<String> without(Set<String> some, Set<String> others) {
        Set<String> left = new TreeSet<>(some);
        left.removeAll(others);
        return left;
    }
}
