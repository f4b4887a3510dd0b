package dev.ttsjobs.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the simulation is worth: every mistake planted here is found, and for the right reason. */
class PlantedBugsTest {

    private static final int SEEDS = 2_000;

    @TempDir
    Path spool;

    static Stream<Arguments> bugs() {
        return Stream.of(
                queue("settle ignores the epoch", "lost are", PlantedBugs::settlesUnderAnyLease),
                queue("a repeated settlement is billed again", "are billed", PlantedBugs::billsRepeatedSettlements),
                queue(
                        "anybody makes any clip in the place of another",
                        "not held|already|rescued",
                        PlantedBugs::substitutesForAnybody),
                queue("what another said is taken for the clip", "is not stored", PlantedBugs::storesUnderTheWrongKey),
                queue("rescue takes one look", "rescued", PlantedBugs::rescuesAtFirstSight),
                queue("rescue does nothing", "rescued", PlantedBugs::rescuesNobody),
                queue("begin lets everything through", "should not be let through", PlantedBugs::letsEveryCallThrough),
                queue("attempts are forgotten", "attempts are on record", PlantedBugs::forgetsAttempts),
                queue("what failed is not queued again", "stuck", PlantedBugs::forgetsToRequeue),
                arguments("submit ignores what is made", "though it is done", forgetfulClient()),
                queue("submit ignores keys", "made another job", PlantedBugs::ignoresKeys),
                queue("retry counts from nothing", "phrases have ended", PlantedBugs::countsRetriesFromNothing),
                queue("each process has its own limit", "sooner than the limit", PlantedBugs::sharesNoLimit),
                queue("pauses are forgotten", "paused", PlantedBugs::forgetsPauses),
                queue("Retry-After is forgotten", "before the provider wants", PlantedBugs::forgetsToSlowDown),
                queue("an event is delivered at most once", "never told", PlantedBugs::deliversAtMostOnce),
                queue("an event overtakes another of its job", "sooner than of|never told", PlantedBugs::overtakes),
                queue("deliveries are forgotten", "though it was delivered", PlantedBugs::forgetsWhatIsDelivered),
                queue("dead letters are thrown away", "a dead letter, or none", PlantedBugs::buriesNoDeadLetters),
                arguments("the worker ignores the answer of begin", "without an attempt", deafWorker()),
                arguments(
                        "a failed look into the storage is taken for absence",
                        // A part that is thought to be lost is spoken in the turn of its whole.
                        "bought though it was stored|without an attempt on record",
                        hasty()),
                arguments("the storage shows partial files", "but stored is|is not whole", partialFiles()),
                arguments("the last writer wins", "another file|but stored is", lastWriterWins()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bugs")
    void isFound(String name, String symptom, Bug bug) {
        Simulation simulation = new Simulation(bug, new SpoolDirectory(spool));
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                simulation.run(seed);
            } catch (Violation e) {
                assertTrue(
                        Pattern.compile(symptom).matcher(e.getMessage()).find(),
                        "seed " + seed + ": " + e.getMessage());
                return;
            } catch (Throwable e) {
                fail("seed " + seed + " ended otherwise than by a violation", e);
            }
        }
        fail("not found in " + SEEDS + " seeds");
    }

    private static Arguments queue(String name, String symptom, UnaryOperator<JobQueue> wrong) {
        return arguments(name, symptom, PlantedBugs.sharedQueue((queue, world) -> wrong.apply(queue)));
    }

    private static Bug forgetfulClient() {
        return new Bug() {
            @Override
            JobQueue clientView(JobQueue queue) {
                return PlantedBugs.ignoresWhatIsMade(queue);
            }
        };
    }

    private static Bug deafWorker() {
        return new Bug() {
            @Override
            JobQueue view(JobQueue queue, World world) {
                return new QueueDecorator(queue) {
                    @Override
                    public Set<Lease> begin(Collection<Lease> leases) {
                        super.begin(leases);
                        return new HashSet<>(leases);
                    }
                };
            }
        };
    }

    private static Bug hasty() {
        return new Bug() {
            @Override
            AudioStorage view(AudioStorage storage) {
                return new StorageDecorator(storage) {
                    @Override
                    public OptionalLong find(AudioName name) {
                        try {
                            return super.find(name);
                        } catch (StorageException e) {
                            return OptionalLong.empty();
                        }
                    }
                };
            }
        };
    }

    /** Says that a file is stored while half of it is still to be written, and now and then never is. */
    private static Bug partialFiles() {
        return new Bug() {
            @Override
            AudioStorage storage(SimulatedStorage storage, World world) {
                return new StorageDecorator(storage) {
                    @Override
                    public boolean put(AudioName name, Path file) {
                        if (world.scenario.has(Fault.CRASH) && world.scenario.oneIn(50)) {
                            byte[] bytes = bytesOf(file);
                            storage.overwrite(name, Arrays.copyOf(bytes, bytes.length / 2));
                            return true;
                        }
                        return super.put(name, file);
                    }
                };
            }
        };
    }

    private static Bug lastWriterWins() {
        return new Bug() {
            @Override
            AudioStorage storage(SimulatedStorage storage, World world) {
                return new StorageDecorator(storage) {
                    @Override
                    public boolean put(AudioName name, Path file) {
                        storage.overwrite(name, bytesOf(file));
                        return true;
                    }
                };
            }
        };
    }

    private static byte[] bytesOf(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static class StorageDecorator implements AudioStorage {
        private final AudioStorage right;

        StorageDecorator(AudioStorage right) {
            this.right = right;
        }

        @Override
        public boolean put(AudioName name, Path file) {
            return right.put(name, file);
        }

        @Override
        public OptionalLong find(AudioName name) {
            return right.find(name);
        }

        @Override
        public InputStream open(AudioName name) {
            return right.open(name);
        }

        @Override
        public void delete(AudioName name) {
            right.delete(name);
        }

        @Override
        public URI url(AudioName name) {
            return right.url(name);
        }

        @Override
        public void publish(AudioName audio, PublicName name) {
            right.publish(audio, name);
        }

        @Override
        public void unpublish(PublicName name) {
            right.unpublish(name);
        }

        @Override
        public InputStream open(PublicName name) {
            return right.open(name);
        }

        @Override
        public URI url(PublicName name) {
            return right.url(name);
        }

        @Override
        public void published(BiConsumer<PublicName, AudioName> action) {
            right.published(action);
        }

        @Override
        public Path spoolDirectory() {
            return right.spoolDirectory();
        }

        @Override
        public void check() {
            right.check();
        }
    }
}
