package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Machines whose clocks are ten minutes wrong, or jump, on databases that have a time of their own. */
class SkewTest {

    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Duration LITTLE = Duration.ofSeconds(2);

    private final WorkerId ann = new WorkerId(new UUID(0, 1));
    private final Machine fast = new Machine(TEN_MINUTES);
    private final Machine slow = new Machine(TEN_MINUTES.negated());
    private HikariDataSource source;
    private JdbcJobQueue early;
    private JdbcJobQueue late;

    /** A machine's idea of the time, that can be set. */
    private static final class Machine implements InstantSource {
        private Duration wrong;

        Machine(Duration wrong) {
            this.wrong = wrong;
        }

        @Override
        public Instant instant() {
            return InstantSource.system().instant().plus(wrong);
        }
    }

    private void open(TestDatabase database) {
        source = database.open(3);
        early = JdbcJobQueue.builder(source).migrate().machineClock(fast).build();
        late = JdbcJobQueue.builder(source).machineClock(slow).build();
    }

    @AfterEach
    void close() {
        if (source != null) {
            source.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void whosePlacesInTimeAreTenMinutesApartWorkTogether(TestDatabase database) {
        open(database);
        Duration apart = Duration.between(early.clock().instant(), late.clock().instant());
        assertTrue(apart.abs().compareTo(LITTLE) < 0, apart::toString);
        early.submit(Jobs.of("ann").say("a").build());
        assertTrue(late.outlook().isWorkDue() || late.outlook().later().isPresent());
        late.beat(ann, Duration.ofSeconds(20));
        assertEquals(1, claimed(late).size());
        for (int look = 0; look < 3; look++) {
            assertEquals(0, early.rescue(Duration.ZERO), "taken from a living worker");
        }
        assertEquals(1, early.depth().leased());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void theirCallsAreSpacedByOneTime(TestDatabase database) {
        open(database);
        List<Instant> slots = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            JdbcJobQueue queue = i % 2 == 0 ? early : late;
            slots.addAll(queue.limiter("account", RateLimit.perMinute(60))
                    .reserve(List.of(1))
                    .slots());
        }
        for (int i = 1; i < slots.size(); i++) {
            Duration gap = Duration.between(slots.get(i - 1), slots.get(i));
            assertTrue(gap.compareTo(Duration.ofMillis(990)) >= 0, slots::toString);
            assertTrue(gap.compareTo(Duration.ofSeconds(1).plus(LITTLE)) < 0, slots::toString);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void whoseClockJumpsAheadTakesNobodyForDead(TestDatabase database) {
        open(database);
        early.submit(Jobs.of("ann").say("a").build());
        late.beat(ann, Duration.ofSeconds(20));
        assertEquals(1, claimed(late).size());
        fast.wrong = fast.wrong.plus(TEN_MINUTES);
        for (int look = 0; look < 3; look++) {
            assertEquals(0, early.rescue(Duration.ZERO), "taken from a living worker");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void whoSleptOrWasSetBackWhileIdleSeesAtItsNextLookWhatIsDue(TestDatabase database) {
        open(database);
        late.outlook();
        slow.wrong = slow.wrong.minus(TEN_MINUTES);
        early.submit(Jobs.of("ann").say("a").build());
        assertTrue(late.outlook().isWorkDue() || late.outlook().isWorkDue());
        late.beat(ann, Duration.ofSeconds(20));
        assertEquals(1, claimed(late).size());
    }

    /** What two processes take for the database's time may differ by as long as its answers took. */
    private List<Lease> claimed(JdbcJobQueue queue) {
        Instant end = InstantSource.system().instant().plus(LITTLE);
        List<Lease> leases = queue.claim(ann, 1);
        while (leases.isEmpty() && InstantSource.system().instant().isBefore(end)) {
            leases = queue.claim(ann, 1);
        }
        return leases;
    }
}
