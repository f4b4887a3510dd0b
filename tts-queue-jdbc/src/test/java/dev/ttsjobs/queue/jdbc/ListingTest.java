package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.time.ManualTime;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lists of jobs, and what is kept for limits, do not grow slow with what has been. */
class ListingTest {

    private static final int JOBS = 30_000;

    /** Whatever is asked for, no more is read than a few rows around the answer. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "SQLITE"})
    void anIndexServesEveryList(TestDatabase database) throws SQLException {
        try (HikariDataSource source = database.open(1);
                JdbcJobQueue queue = JdbcJobQueue.open(source);
                Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            fill(database, statement);
            Sql sql = new Sql(Dialect.of(connection), "tts_");
            JobReads reads = new JobReads(sql, () -> queue.clock().instant(), new Refusals(sql, false));
            JobId cursor = new JobId(new UUID(0, 15_000));
            for (String owner : new String[] {null, "owner-7"}) {
                for (JobStatus status : new JobStatus[] {null, JobStatus.FAILED, JobStatus.PROCESSING}) {
                    for (String reference : new String[] {null, "deck-777"}) {
                        for (JobId before : new JobId[] {null, cursor}) {
                            JobQuery query = new JobQuery(owner, status, reference, before, 20);
                            List<String> plan = plan(statement, reads.listing(query, query.before() != null), query);
                            assertTrue(usesAnIndex(database, plan, query), () -> query + ": " + plan);
                        }
                    }
                }
            }
        }
    }

    /** One job in a thousand has failed; a deck has thirty; everybody has three hundred. */
    private static void fill(TestDatabase database, Statement statement) throws SQLException {
        String numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + JOBS + ") ";
        String id = database == TestDatabase.POSTGRESQL
                ? "'00000000-0000-0000-0000-' || lpad(to_hex(i), 12, '0')"
                : "printf('00000000-0000-0000-0000-%012x', i)";
        statement.execute("INSERT INTO tts_job (id, owner, reference, priority, attributes, fingerprint, status, total,"
                + " processed, failed, made, characters, billed_characters, clips, billed_clips, created_at, version) "
                + numbers + "SELECT " + id + ", 'owner-' || (i % 100), 'deck-' || (i % 1000), 1, '{}', 'f',"
                + " CASE WHEN i % 1000 = 7 THEN 3 WHEN i % 1000 = 8 THEN 1 ELSE 2 END, 1, 1, 0, 1, 5, 5, 1, 1, i, 1"
                + " FROM n");
        statement.execute("ANALYZE");
    }

    private static List<String> plan(Statement statement, String listing, JobQuery query) throws SQLException {
        String text = listing.replace(":owner", "'" + query.owner() + "'")
                .replace(
                        ":status",
                        String.valueOf(
                                query.status() == null ? -1 : query.status().ordinal()))
                .replace(":reference", "'" + query.reference() + "'")
                .replace(":before", "15000")
                .replace(":limit", String.valueOf(query.limit()));
        boolean lite = statement.getConnection().getMetaData().getURL().startsWith("jdbc:sqlite");
        List<String> plan = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery((lite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ANALYZE ") + text)) {
            while (rows.next()) {
                plan.add(rows.getString(lite ? "detail" : "QUERY PLAN"));
            }
        }
        return plan;
    }

    private static boolean usesAnIndex(TestDatabase database, List<String> plan, JobQuery query) {
        String all = String.join("\n", plan);
        if (database == TestDatabase.POSTGRESQL) {
            long skipped = plan.stream()
                    .filter(line -> line.contains("Rows Removed by Filter: "))
                    .mapToLong(line -> Long.parseLong(line.replaceAll(".*Filter: ", "")))
                    .sum();
            return all.contains("Index") && !all.contains("Seq Scan") && skipped <= 300;
        }
        // All jobs, newest first, are in the order of the table itself.
        boolean unfiltered = query.owner() == null && query.status() == null && query.reference() == null;
        return unfiltered
                ? !all.contains("TEMP B-TREE")
                : all.contains("SEARCH tts_job USING INDEX") && !all.contains("SCAN tts_job");
    }

    @ParameterizedTest
    @EnumSource
    void countsUnderLimitsAreLetGoOfWithTheirDaysAndMonths(TestDatabase database) throws SQLException {
        ManualTime time = new ManualTime();
        Quotas.Limits limits = new Quotas.Limits(100, 100L, BigDecimal.valueOf(100));
        Quotas quotas = new Quotas(limits, limits, null, PriceList.flat(BigDecimal.ONE));
        try (HikariDataSource source = database.open(1);
                JdbcJobQueue queue =
                        JdbcJobQueue.builder(source).migrate().clock(time).build()) {
            for (int day = 0; day < 40; day++) {
                queue.submit(Jobs.of("alice").quotas(quotas).say("text " + day).build());
                time.advance(Duration.ofDays(1));
            }
            assertEquals(2 * (40 + 40 + 2), used(source));
            while (queue.prune(Duration.ofDays(3))) {
                // As a worker would.
            }
            assertEquals(2 * (3 + 3 + 1), used(source));
        }
    }

    private static int used(HikariDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM tts_used")) {
            row.next();
            return row.getInt(1);
        }
    }
}
