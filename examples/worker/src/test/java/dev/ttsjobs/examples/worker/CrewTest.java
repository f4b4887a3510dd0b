package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.time.ManualTime;
import dev.ttsjobs.time.Sleeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrewTest {

    @TempDir
    Path dir;

    private final ManualTime time = new ManualTime();
    private HikariDataSource source;
    private Crew crew;

    @BeforeEach
    void open() throws Exception {
        source = QueueDataSources.open("jdbc:sqlite:" + dir.resolve("crew.db"), 2);
        Schema.apply(source);
        crew = new Crew(source, time);
    }

    @AfterEach
    void close() {
        source.close();
    }

    private List<Crew.Member> await(int number) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (crew.alive().size() != number && System.nanoTime() < end) {
            Sleeper.system().sleep(Duration.ofMillis(10));
        }
        assertEquals(number, crew.alive().size());
        return crew.alive();
    }

    @Test
    void who_works_is_seen_with_what_it_does_until_it_signs_off() throws Exception {
        AtomicInteger calls = new AtomicInteger(3);
        try (Crew.Membership server = crew.join(Crew.Kind.SERVER, () -> new Crew.Load(1, calls.get()))) {
            await(1);
            time.advance(Duration.ofSeconds(1));
            try (Crew.Membership worker = crew.join(Crew.Kind.WORKER, () -> new Crew.Load(2, 40))) {
                List<Crew.Member> both = await(2);
                assertEquals(Crew.Kind.SERVER, both.get(0).kind());
                assertEquals(1, both.get(0).calling());
                assertEquals(3, both.get(0).callsLastMinute());
                assertTrue(both.get(0)
                        .host()
                        .endsWith("/" + ProcessHandle.current().pid()));
                assertEquals(Crew.Kind.WORKER, both.get(1).kind());
                assertEquals(time.instant(), both.get(1).startedAt());
                worker.beat();
            }
            calls.set(5);
            server.beat();
            assertEquals(
                    List.of(5),
                    crew.alive().stream().map(Crew.Member::callsLastMinute).toList());
        }
        assertEquals(List.of(), crew.alive());
    }

    @Test
    void who_is_silent_for_45_seconds_is_gone_and_may_come_back() throws Exception {
        try (Crew.Membership worker = crew.join(Crew.Kind.WORKER, () -> new Crew.Load(0, 0))) {
            await(1);
            time.advance(Duration.ofSeconds(44));
            assertEquals(1, crew.alive().size());
            time.advance(Duration.ofSeconds(1));
            assertEquals(List.of(), crew.alive());
            worker.beat();
            assertEquals(1, crew.alive().size());

            // A row that is forgotten meanwhile is written anew.
            time.advance(Duration.ofDays(2));
            try (Crew.Membership other = crew.join(Crew.Kind.WORKER, () -> new Crew.Load(0, 0))) {
                await(1);
                worker.beat();
                other.beat();
                assertEquals(2, crew.alive().size());
            }
        }
    }

    @Test
    void a_minute_is_counted_to_the_second() {
        ManualTime ticker = new ManualTime();
        LastMinute calls = new LastMinute(ticker);
        calls.add();
        calls.add();
        ticker.advance(Duration.ofSeconds(30));
        calls.add();
        assertEquals(3, calls.sum());
        ticker.advance(Duration.ofSeconds(29));
        assertEquals(3, calls.sum());
        ticker.advance(Duration.ofSeconds(1));
        assertEquals(1, calls.sum());
        ticker.advance(Duration.ofHours(1));
        assertEquals(0, calls.sum());
        calls.add();
        assertEquals(1, calls.sum());
    }
}
