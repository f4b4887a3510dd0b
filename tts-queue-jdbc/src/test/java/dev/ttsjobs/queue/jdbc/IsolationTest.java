package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PostgreSQL whose transactions see, unless they say otherwise, what was there when they began. */
class IsolationTest {

    @ParameterizedTest
    @ValueSource(strings = {"repeatable read", "serializable"})
    void ofTwoWhoFinishTheLastPartsOfATextAtTheSameMomentTheSecondSeesBoth(String level) throws Exception {
        try (HikariDataSource source = opened(level)) {
            CountDownLatch inside = new CountDownLatch(1);
            PhraseHook hook = (connection, phrases) -> {
                if (inside.getCount() > 0) {
                    inside.countDown();
                    awaitWaiting(source);
                }
            };
            try (JdbcJobQueue queue =
                    JdbcJobQueue.builder(source).migrate().onPhrasesEnded(hook).build()) {
                WorkerId ann = new WorkerId(UUID.randomUUID());
                queue.submit(Jobs.of("alice").say("a").build());
                queue.submit(Jobs.of("bob").say(Jobs.joined("a", "b")).build());
                queue.beat(ann, Duration.ofMinutes(1));
                List<Lease> parts = queue.claim(ann, 2);
                assertEquals(Set.of(Jobs.clip("a"), Jobs.clip("b")), Set.copyOf(clips(parts)));
                Lease first = parts.get(clips(parts).indexOf(Jobs.clip("a")));
                Lease second = parts.get(clips(parts).indexOf(Jobs.clip("b")));
                Together.call(List.of(() -> queue.settle(made(first)), () -> {
                    assertTrue(inside.await(20, TimeUnit.SECONDS));
                    return queue.settle(made(second));
                }));
                assertEquals(
                        List.of(Jobs.joined("a", "b").key()),
                        queue.claim(ann, 2).stream()
                                .map(lease -> lease.clip().key())
                                .toList());
            }
        }
    }

    private static List<Outcome> made(Lease lease) {
        return List.of(new Outcome.Made(lease, Jobs.facts(1000), true));
    }

    private static List<Clip> clips(List<Lease> leases) {
        return leases.stream().map(Lease::clip).toList();
    }

    private static HikariDataSource opened(String level) throws SQLException {
        String url;
        try (HikariDataSource source = TestDatabase.POSTGRESQL.open(1);
                Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            url = source.getJdbcUrl();
            statement.execute("ALTER DATABASE " + connection.getCatalog() + " SET default_transaction_isolation = '"
                    + level + "'");
        }
        return QueueDataSources.open(url, 4);
    }

    /** Until another transaction waits for this one. */
    private static void awaitWaiting(HikariDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            boolean waits = false;
            while (!waits) {
                try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND wait_event_type = 'Lock'")) {
                    waits = row.next() && row.getInt(1) > 0;
                }
            }
        }
    }
}
