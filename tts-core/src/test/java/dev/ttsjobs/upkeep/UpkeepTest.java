package dev.ttsjobs.upkeep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.AudioRecord;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.ManualTime;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Storages as a whole: more clips than a page of records holds. */
class UpkeepTest {

    private static final int CLIPS = 203;

    private final ManualTime time = new ManualTime();
    private final JobQueue queue = JobQueue.inMemory(time);
    private final WorkerId worker = new WorkerId(UUID.randomUUID());
    private final AudioStorage source = AudioStorage.inMemory();
    private final AudioStorage target = AudioStorage.inMemory();
    private List<AudioRecord> records = List.of();

    @BeforeEach
    void makeAudio() throws Exception {
        queue.beat(worker, Duration.ofSeconds(30));
        queue.submit(Jobs.of("anna")
                .say(IntStream.range(0, CLIPS).mapToObj(i -> "text " + i).toArray(String[]::new))
                .build());
        work(source);
        records = queue.audio(null, CLIPS + 1);
        assertEquals(CLIPS, records.size());
    }

    @AfterEach
    void close() {
        source.close();
        target.close();
    }

    private void work(AudioStorage storage) throws Exception {
        work(storage, "sound of ");
    }

    private void work(AudioStorage storage, String sound) throws Exception {
        List<Lease> leases = queue.claim(worker, CLIPS);
        queue.begin(leases);
        List<Outcome> outcomes = new ArrayList<>();
        for (Lease lease : leases) {
            byte[] bytes = (sound + lease.clip().text()).getBytes(StandardCharsets.UTF_8);
            put(storage, AudioName.of(lease.clip().key().hex(), AudioFormat.MP3), bytes);
            String digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            outcomes.add(new Outcome.Made(
                    lease, new AudioFacts(AudioFormat.MP3, bytes.length, Duration.ofSeconds(1), digest), true));
        }
        queue.settle(outcomes);
    }

    private static void put(AudioStorage storage, AudioName name, byte[] bytes) throws IOException {
        Path file = Files.write(Files.createTempFile(storage.spoolDirectory(), "clip", ".part"), bytes);
        storage.put(name, file);
        Files.deleteIfExists(file);
    }

    private void damage(AudioStorage storage, AudioRecord record, boolean sameSize) throws IOException {
        storage.delete(record.name());
        put(storage, record.name(), new byte[(int) record.facts().bytes() - (sameSize ? 0 : 1)]);
    }

    private void assertHasAll(AudioStorage storage) throws IOException {
        for (AudioRecord record : records) {
            try (InputStream in = storage.open(record.name());
                    InputStream first = source.open(record.name())) {
                assertArrayEquals(first.readAllBytes(), in.readAllBytes());
            }
        }
        try (Stream<Path> left = Files.list(storage.spoolDirectory())) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void everythingIsMirroredOnceAndWhatIsThereIsNotSentAgain() throws Exception {
        AudioMirror mirror = new AudioMirror(queue, source, target);
        List<AudioMirror.Progress> told = new ArrayList<>();
        AudioMirror.Progress end = mirror.mirror(null, told::add);
        long bytes =
                records.stream().mapToLong(record -> record.facts().bytes()).sum();
        assertEquals(new AudioMirror.Progress(records.get(CLIPS - 1).key(), CLIPS, bytes, 0, 0, 0), end);
        assertEquals(CLIPS, told.size());
        assertEquals(end, told.get(CLIPS - 1));
        assertHasAll(target);
        assertEquals(CLIPS, mirror.mirror(null, p -> {}).present());
        assertEquals(1, mirror.mirror(records.get(CLIPS - 2).key(), p -> {}).looked(), "from a place on");
    }

    @Test
    void aRunThatBrokeOffGoesOnWhereItWas() throws Exception {
        AudioMirror mirror = new AudioMirror(queue, source, target);
        List<AudioMirror.Progress> told = new ArrayList<>();
        assertThrows(
                StorageException.class,
                () -> mirror.mirror(null, p -> {
                    told.add(p);
                    if (told.size() == 150) {
                        throw new StorageException("the network went away");
                    }
                }));
        assertEquals(CLIPS - 150, mirror.mirror(told.get(149).last(), p -> {}).copied());
        assertHasAll(target);
    }

    @Test
    void aTargetThatShowsOtherBytesIsPutRightAndASourceThatDoesIsNotBelieved() throws Exception {
        damage(target, records.get(0), true);
        damage(target, records.get(1), false);
        AudioMirror mirror = new AudioMirror(queue, source, target);
        assertEquals(CLIPS, mirror.mirror(null, p -> {}).copied());
        assertHasAll(target);

        target.delete(records.get(0).name());
        target.delete(records.get(1).name());
        damage(source, records.get(0), true);
        source.delete(records.get(1).name());
        AudioMirror.Progress end = mirror.move(null, p -> {});
        assertEquals(List.of(1L, 1L, CLIPS - 2L), List.of(end.damaged(), end.missing(), end.present()));
        assertTrue(target.find(records.get(0).name()).isEmpty());
        assertTrue(source.find(records.get(0).name()).isPresent(), "what did not arrive is not removed");
    }

    @Test
    void aMoveEmptiesTheSource() {
        new AudioMirror(queue, source, target).move(null, p -> {});
        for (AudioRecord record : records) {
            assertTrue(source.find(record.name()).isEmpty());
            assertTrue(target.find(record.name()).isPresent());
        }
    }

    @Test
    void aCheckFindsWhatIsLostOrDamagedAndARepairHasItMadeAgain() throws Exception {
        damage(source, records.get(3), true);
        damage(source, records.get(4), false);
        source.delete(records.get(CLIPS - 1).name());
        AudioCheck check = new AudioCheck(queue, source);
        assertEquals(
                new AudioCheck.Progress(records.get(CLIPS - 1).key(), CLIPS - 3, 1, 2, 0), check.look(null, p -> {}));
        assertEquals(List.of(), queue.claim(worker, 9), "looking changes nothing");

        assertEquals(3, check.repair(null, p -> {}).queued());
        assertTrue(source.find(records.get(3).name()).isEmpty());
        work(source);
        assertEquals(CLIPS, check.look(null, p -> {}).sound());
        assertEquals(CLIPS, queue.audio(null, CLIPS + 1).size());
    }

    /** A storage in which something happens while a file is being read for the first time. */
    private AudioStorage meanwhile(AudioRecord read, Callable<?> event) {
        boolean[] happened = {false};
        return (AudioStorage) Proxy.newProxyInstance(
                AudioStorage.class.getClassLoader(),
                new Class<?>[] {AudioStorage.class},
                (proxy, method, arguments) -> {
                    Object result = method.invoke(source, arguments);
                    if (method.getName().equals("open") && arguments[0].equals(read.name()) && !happened[0]) {
                        happened[0] = true;
                        event.call();
                    }
                    return result;
                });
    }

    @Test
    void aRepairTakesNothingAwayThatWasMadeAnewWhileItLooked() throws Exception {
        AudioRecord damaged = records.get(3);
        damage(source, damaged, true);
        AudioStorage late = meanwhile(damaged, () -> {
            // Another repair, and a worker that speaks it anew: speech does not come out the same twice.
            assertEquals(1, new AudioCheck(queue, source).repair(null, p -> {}).queued());
            work(source, "another sound of ");
            return null;
        });
        AudioCheck.Progress end = new AudioCheck(queue, late).repair(null, p -> {});
        assertEquals(List.of(1L, 0L), List.of(end.damaged(), end.queued()), "it saw the old one, and left the new one");
        assertTrue(source.find(damaged.name()).isPresent());
        assertEquals(List.of(), queue.claim(worker, 9), "nothing is bought a third time");
        assertEquals(CLIPS, new AudioCheck(queue, source).look(null, p -> {}).sound());
    }

    @Test
    void aRepairThatCannotRemoveWhatIsDamagedChangesNothing() throws Exception {
        damage(source, records.get(3), true);
        AudioStorage readOnly = (AudioStorage) Proxy.newProxyInstance(
                AudioStorage.class.getClassLoader(),
                new Class<?>[] {AudioStorage.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("delete")) {
                        throw new StorageException("it is read-only");
                    }
                    return method.invoke(source, arguments);
                });
        AudioCheck check = new AudioCheck(queue, readOnly);
        assertThrows(StorageException.class, () -> check.repair(null, p -> {}));
        assertEquals(List.of(), queue.claim(worker, 9), "a worker would take what is there for the audio");
        assertEquals(1, check.look(null, p -> {}).damaged());
    }

    @Test
    void aClipWhoseJobIsDeletedWhileItIsRepairedIsMadeOnceAndIsOnRecordAgain() throws Exception {
        AudioRecord damaged = records.get(3);
        damage(source, damaged, true);
        time.advance(Duration.ofDays(3));
        AudioStorage late = meanwhile(damaged, () -> queue.prune(Duration.ofDays(1)));
        assertEquals(1, new AudioCheck(queue, late).repair(null, p -> {}).queued());
        queue.beat(worker, Duration.ofSeconds(30));
        work(source);
        assertEquals(CLIPS, new AudioCheck(queue, source).look(null, p -> {}).sound());
        assertEquals(List.of(), queue.claim(worker, 9));
    }

    @Test
    void aSweepRemovesWhatNothingRefersToAndOnlySaysSoAtFirst() throws Exception {
        queue.submit(Jobs.of("bob").say("text 7", "text 8").build());
        AudioRecord published = records.get(11);
        source.publish(published.name(), PublicName.of("card", AudioFormat.MP3));
        AudioSweep sweep = new AudioSweep(queue, source, Duration.ofDays(2));
        time.advance(Duration.ofDays(3));
        assertEquals(0, sweep.look(null, time.instant(), p -> {}).removed(), "an ended job is there still");

        // Bob's job is as old as Anna's, and is asked for again.
        queue.prune(Duration.ofDays(1));
        queue.submit(Jobs.of("bob").say("text 7", "text 8").build());
        assertEquals(
                0,
                new AudioSweep(queue, source, Duration.ofDays(4))
                        .look(null, time.instant(), p -> {})
                        .removed());
        List<AudioSweep.Progress> told = new ArrayList<>();
        AudioSweep.Progress would = sweep.look(null, time.instant(), told::add);
        assertEquals(CLIPS, queue.audio(null, CLIPS + 1).size(), "looking changes nothing");
        assertEquals(3, told.size());
        AudioSweep.Progress did = sweep.remove(null, time.instant(), p -> {});
        assertEquals(would, did);
        List<AudioRecord> kept = queue.audio(null, CLIPS + 1);
        assertTrue(kept.contains(published));
        assertEquals(CLIPS - kept.size(), did.removed());
        assertTrue(kept.size() == 2 || kept.size() == 3, "two of a job, and one that is published: " + kept.size());
        long bytes = 0;
        for (AudioRecord record : records) {
            assertEquals(kept.contains(record), source.find(record.name()).isPresent());
            bytes += kept.contains(record) ? 0 : record.facts().bytes();
        }
        assertEquals(bytes, did.bytes());
        assertEquals(0, sweep.remove(null, time.instant(), p -> {}).removed());
    }

    @Test
    void audioThatIsWantedAgainBetweenRecordAndFileStaysAndIsNotBought() throws Exception {
        time.advance(Duration.ofDays(3));
        queue.prune(Duration.ofDays(1));
        AudioRecord wanted = records.get(0);
        String text = IntStream.range(0, CLIPS)
                .mapToObj(i -> "text " + i)
                .filter(each -> Jobs.clip(each).key().equals(wanted.key()))
                .findFirst()
                .orElseThrow();
        JobStore late = (JobStore) Proxy.newProxyInstance(
                JobStore.class.getClassLoader(), new Class<?>[] {JobStore.class}, (proxy, method, arguments) -> {
                    Object result = method.invoke(queue, arguments);
                    if (method.getName().equals("forget") && ((Set<?>) result).contains(wanted.key())) {
                        queue.submit(Jobs.of("bob").say(text).build());
                    }
                    return result;
                });
        assertEquals(
                CLIPS - 1,
                new AudioSweep(late, source, Duration.ofDays(2))
                        .remove(null, time.instant(), p -> {})
                        .removed());
        assertTrue(source.find(wanted.name()).isPresent(), "the worker that has the clip next finds it");
    }
}
