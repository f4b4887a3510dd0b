package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two texts that are one to another family, whose audio is there already. */
class SharedSubstituteTest {

    @ParameterizedTest
    @EnumSource
    void whatOneTakesTheOtherMayLetGoOf(TestDatabase database) throws Exception {
        try (HikariDataSource source = database.open(2);
                JdbcJobQueue queue = JdbcJobQueue.builder(source).migrate().build()) {
            Transitions.watch(source, database);
            WorkerId ann = new WorkerId(UUID.randomUUID());
            queue.beat(ann, Duration.ofMinutes(10));
            queue.submit(Jobs.of("alice").say("a").build());
            queue.settle(List.of(new Outcome.Made(others(queue, ann).get(0), Jobs.facts(1000), true)));
            JobId job = queue.submit(Jobs.of("bob").say("b", "c").build()).id();
            List<Lease> both = others(queue, ann);
            assertEquals(2, both.size());
            queue.settle(
                    List.of(new Outcome.Made(both.get(0), Jobs.facts(1000), false), new Outcome.Released(both.get(1))));
            assertEquals(1, queue.find(job).orElseThrow().progress().processed());
            assertEquals(1, queue.depth().queued());
            queue.settle(List.of(new Outcome.Made(others(queue, ann).get(0), Jobs.facts(1000), false)));
            assertEquals(2, queue.find(job).orElseThrow().progress().processed());
            Transitions.assertLegal(source, database);
        }
    }

    private static List<Lease> others(JdbcJobQueue queue, WorkerId worker) {
        return List.copyOf(queue.substitute(
                queue.claim(worker, 9).stream().collect(Collectors.toMap(lease -> lease, lease -> Jobs.other("o")))));
    }
}
