package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.RateLimiterContract;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract of the limit on a database. */
abstract class JdbcRateLimiterContract extends RateLimiterContract {

    private final TestDatabase database;
    private HikariDataSource source;

    JdbcRateLimiterContract(TestDatabase database) {
        this.database = database;
    }

    @Override
    protected RateLimiter limiter(RateLimit limit) {
        source = database.open(1);
        return JdbcJobQueue.builder(source).migrate().clock(time).build().limiter("acme", limit);
    }

    /** A crash of the database may forget the last change, which need not be on disk; another process then makes its own. */
    @Test
    void whatAnotherDidAfterACrashForgotTheLastChangeIsSeen() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600));
        limiter.reserve(List.of(1));
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept AS SELECT version, next_request FROM tts_limiter");
        }
        limiter.reserve(List.of(1));
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE tts_limiter SET version = (SELECT version FROM kept),"
                    + " next_request = (SELECT next_request FROM kept)");
        }
        JdbcJobQueue.builder(source).clock(time).build().pause("acme", "stop");
        assertEquals(List.of(), limiter.reserve(List.of(1)).slots());
        assertTrue(limiter.pause().orElseThrow().isByHand());
    }

    @AfterEach
    void closeSource() {
        source.close();
    }
}
