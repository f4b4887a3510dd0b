package dev.ttsjobs.storage;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.ttsjobs.contract.AudioStorageContract;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The contract finds storages that do not hold to it. Each of these is broken in one way that was once somebody's bug. */
class AudioStorageContractTest {

    /** Runs the contract on what the test under way put into {@link #maker}. Its name keeps it out of the normal run. */
    static class UnderTrial extends AudioStorageContract {

        static Supplier<AudioStorage> maker;

        @Override
        protected AudioStorage open(Path place) {
            return maker.get();
        }

        @Override
        protected Set<Capability> capabilities() {
            return Set.of(Capability.FIRST_WRITER_WINS);
        }
    }

    /** Like the trial above, of a storage that claims to be shared. */
    static class SharedUnderTrial extends UnderTrial {
        @Override
        protected Set<Capability> capabilities() {
            return Set.of(Capability.values());
        }
    }

    @Test
    void aSoundStoragePassesAndWhatItCannotDoIsASkip() {
        UnderTrial.maker = AudioStorage::inMemory;
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(UnderTrial.class))
                .execute()
                .testEvents()
                .assertStatistics(stats -> stats.failed(0).aborted(1));
    }

    @Test
    void aStorageThatForgetsIsFound() {
        assertFound("aPutFileIsFoundAndReadWhole", () -> new Bent() {
            @Override
            public boolean put(AudioName name, Path file) {
                return true;
            }
        });
    }

    @Test
    void aStorageThatWritesInPlaceIsFound() {
        assertFound("noReaderEverSeesAPart", WritesInPlace::new);
    }

    @Test
    void aStorageThatOverwritesIsFound() {
        assertFound("theFirstFileStaysAndTheSecondWriterIsTold", () -> new Bent() {
            @Override
            public boolean put(AudioName name, Path file) {
                delete(name);
                return super.put(name, file);
            }
        });
    }

    @Test
    void aStorageThatTellsEverybodyThatTheyWonIsFound() {
        assertFound("ofSeveralWritersOfOneNameExactlyOneWins", () -> new Bent() {
            @Override
            public boolean put(AudioName name, Path file) {
                super.put(name, file);
                return true;
            }
        });
    }

    @Test
    void aStorageThatLooksBeforeItWritesWithoutALockIsFound() {
        assertFound("ofSeveralWritersOfOneNameExactlyOneWins", LooksThenWrites::new);
    }

    @Test
    void aStorageThatReadsLessThanItHasIsFound() {
        assertFound("aPutFileIsFoundAndReadWhole", () -> new Bent() {
            @Override
            public InputStream open(AudioName name) {
                try (InputStream in = super.open(name)) {
                    byte[] bytes = in.readAllBytes();
                    return new ByteArrayInputStream(bytes, 0, bytes.length - 1);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    @Test
    void aStorageThatCutsLargeFilesIsFound() {
        assertFound("aLargeFileComesBackByteForByte", () -> new Bent() {
            @Override
            public boolean put(AudioName name, Path file) {
                try {
                    if (Files.exists(file) && Files.size(file) > 4 << 20) {
                        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 4 << 20));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return super.put(name, file);
            }
        });
    }

    @Test
    void aStorageThatKeepsShowingTheFileOfTheCallerIsFound() {
        assertFound("whatHappensToTheFileAfterwardsDoesNotTouchWhatIsStored", PointsAtTheFile::new);
    }

    @Test
    void aStorageThatSaysYesToAMissingFileIsFound() {
        assertFound("aMissingFileIsRefusedAndLeavesNothingBehind", () -> new Bent() {
            @Override
            public boolean put(AudioName name, Path file) {
                return Files.exists(file) && super.put(name, file);
            }
        });
    }

    @Test
    void aStorageThatTakesAnEmptyFileIsFound() {
        assertFound("anEmptyFileAndADirectoryAreRefusedAndLeaveNothingBehind", WritesInPlace::new);
    }

    @Test
    void aStorageThatDoesNotDeleteIsFound() {
        assertFound("aDeletedFileIsAbsentAndItsNameIsFreeAgain", () -> new Bent() {
            @Override
            public void delete(AudioName name) {
                // Broken on purpose.
            }
        });
    }

    @Test
    void aStorageThatMixesUpFormatsIsFound() {
        assertFound("filesOfOneFolderAndOneKeyAreKeptApart", () -> new Bent() {
            @Override
            public OptionalLong find(AudioName name) {
                return super.find(new AudioName(name.value().replaceAll("\\.[a-z0-9]+$", ".mp3")));
            }
        });
    }

    @Test
    void aStorageThatLeavesFilesInItsSpoolIsFound() {
        assertFound("theSpoolIsAPlaceToWriteAndNothingGathersThere", () -> new Bent() {
            @Override
            public void check() {
                try {
                    Files.createTempFile(spoolDirectory(), "probe", ".part");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    @Test
    void aStorageWithOneAddressForAllIsFound() {
        assertFound("addressesAreAbsoluteAndTheirPathEndsInTheName", () -> new Bent() {
            @Override
            public URI url(AudioName name) {
                return URI.create("https://audio.example/");
            }
        });
    }

    @Test
    void aStorageThatPublishesAPointerIsFound() {
        assertFound("aPublishedNameOutlivesItsAudio", PublishesPointers::new);
    }

    @Test
    void aStorageThatKeepsWhatWasPublishedFirstIsFound() {
        assertFound("publishingAgainReplacesAndTheLastAudioIsListed", () -> new Bent() {
            @Override
            public void publish(AudioName audio, PublicName name) {
                boolean[] there = {false};
                published((known, a) -> there[0] |= known.equals(name));
                if (!there[0]) {
                    super.publish(audio, name);
                }
            }
        });
    }

    @Test
    void aStorageThatTakesAPublicNameAwayBeforeItGivesItAgainIsFound() {
        assertFound("noReaderOfAPublicNameSeesAPartOrNothingWhileItIsReplaced", TakesAwayFirst::new);
    }

    @Test
    void aStorageThatForgetsAPublicNameBeforeItKnowsBetterIsFound() {
        assertFound("audioThatIsNotThereCannotBePublishedAndTheNameStaysAsItWas", () -> new Bent() {
            @Override
            public void publish(AudioName audio, PublicName name) {
                unpublish(name);
                super.publish(audio, name);
            }
        });
    }

    @Test
    void aStorageThatListsNothingIsFound() {
        assertFound("aPublishedNameShowsTheAudioAndIsListedWithIt", () -> new Bent() {
            @Override
            public void published(BiConsumer<PublicName, AudioName> action) {
                // Broken on purpose: a clean-up would take what is published for unwanted.
            }
        });
    }

    @Test
    void aStorageThatUnpublishesTheAudioTooIsFound() {
        assertFound("whatIsUnpublishedIsGoneAndTheAudioStays", () -> new Bent() {
            @Override
            public void unpublish(PublicName name) {
                published((known, audio) -> {
                    if (known.equals(name)) {
                        delete(audio);
                    }
                });
                super.unpublish(name);
            }
        });
    }

    @Test
    void aStorageThatIsNotSharedIsFoundWhenItClaimsToBe() {
        UnderTrial.maker = AudioStorage::inMemory;
        assertFails(SharedUnderTrial.class, "anotherInstanceSeesWhatOneStoredAndMayCloseWithoutHarm");
    }

    private static void assertFound(String test, Supplier<AudioStorage> maker) {
        UnderTrial.maker = maker;
        assertFails(UnderTrial.class, test);
    }

    private static void assertFails(Class<?> contract, String test) {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(contract, test))
                .execute()
                .testEvents()
                .assertStatistics(stats -> stats.started(1).failed(1));
    }

    /** A sound storage, to be bent in one place. */
    private abstract static class Bent implements AudioStorage {

        private final AudioStorage sound = AudioStorage.inMemory();

        @Override
        public boolean put(AudioName name, Path file) {
            return sound.put(name, file);
        }

        @Override
        public OptionalLong find(AudioName name) {
            return sound.find(name);
        }

        @Override
        public InputStream open(AudioName name) {
            return sound.open(name);
        }

        @Override
        public void delete(AudioName name) {
            sound.delete(name);
        }

        @Override
        public URI url(AudioName name) {
            return sound.url(name);
        }

        @Override
        public void publish(AudioName audio, PublicName name) {
            sound.publish(audio, name);
        }

        @Override
        public void unpublish(PublicName name) {
            sound.unpublish(name);
        }

        @Override
        public InputStream open(PublicName name) {
            return sound.open(name);
        }

        @Override
        public URI url(PublicName name) {
            return sound.url(name);
        }

        @Override
        public void published(BiConsumer<PublicName, AudioName> action) {
            sound.published(action);
        }

        @Override
        public Path spoolDirectory() {
            return sound.spoolDirectory();
        }

        @Override
        public void check() {
            sound.check();
        }

        @Override
        public void close() {
            sound.close();
        }
    }

    /** Shows a name from the first byte on, and takes whatever it is given. */
    private static final class WritesInPlace extends Bent {

        private final Map<AudioName, byte[]> files = new ConcurrentHashMap<>();
        private final Semaphore looks = new Semaphore(0);

        @Override
        public boolean put(AudioName name, Path file) {
            try {
                byte[] bytes = Files.readAllBytes(file);
                looks.drainPermits();
                boolean first = files.putIfAbsent(name, Arrays.copyOf(bytes, bytes.length / 2)) == null;
                if (first && bytes.length > 100_000) {
                    // Long enough for a reader to look, where there is one.
                    looks.tryAcquire(2, 50, TimeUnit.MILLISECONDS);
                }
                if (first) {
                    files.put(name, bytes);
                }
                return first;
            } catch (IOException e) {
                throw new StorageException("unreadable", e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public OptionalLong find(AudioName name) {
            byte[] bytes = files.get(name);
            looks.release();
            return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
        }

        @Override
        public InputStream open(AudioName name) {
            byte[] bytes = files.get(name);
            if (bytes == null) {
                throw new StorageException("absent");
            }
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public void delete(AudioName name) {
            files.remove(name);
        }
    }

    /** Asks whether the name is free, and then takes it as if nobody could have come in between. */
    private static final class LooksThenWrites extends Bent {

        private final Semaphore looked = new Semaphore(0);

        @Override
        public boolean put(AudioName name, Path file) {
            if (find(name).isPresent()) {
                return false;
            }
            looked.release();
            try {
                // Long enough for a second writer to look, where there is one.
                looked.tryAcquire(2, 5, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            synchronized (this) {
                delete(name);
                return super.put(name, file);
            }
        }
    }

    /** Frees a public name before it gives it to other audio. */
    private static final class TakesAwayFirst extends Bent {

        private final Semaphore looks = new Semaphore(0);

        @Override
        public void publish(AudioName audio, PublicName name) {
            unpublish(name);
            looks.drainPermits();
            try {
                // Long enough for a reader to look, where there is one.
                looks.tryAcquire(2, 50, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            super.publish(audio, name);
        }

        @Override
        public InputStream open(PublicName name) {
            looks.release();
            return super.open(name);
        }
    }

    /** Shows under a public name whatever its audio's own name shows. */
    private static final class PublishesPointers extends Bent {
        @Override
        public InputStream open(PublicName name) {
            AudioName[] audio = new AudioName[1];
            published((known, a) -> audio[0] = known.equals(name) ? a : audio[0]);
            return open(audio[0]);
        }
    }

    /** Keeps no bytes of its own. */
    private static final class PointsAtTheFile extends Bent {

        private final Map<AudioName, Path> files = new ConcurrentHashMap<>();

        @Override
        public boolean put(AudioName name, Path file) {
            return files.putIfAbsent(name, file) == null;
        }

        @Override
        public OptionalLong find(AudioName name) {
            try {
                return files.containsKey(name) ? OptionalLong.of(Files.size(files.get(name))) : OptionalLong.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public InputStream open(AudioName name) {
            try {
                return Files.newInputStream(files.get(name));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
