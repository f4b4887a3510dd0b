package dev.ttsjobs.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.AudioStorageContract;
import dev.ttsjobs.speech.AudioFormat;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InMemoryAudioStorageTest extends AudioStorageContract {

    @Override
    protected AudioStorage open(Path place) {
        return AudioStorage.inMemory();
    }

    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.complementOf(EnumSet.of(Capability.SHARED));
    }

    @Test
    void itsAddressesSayThatTheyAreInMemory() {
        AudioName name = AudioName.of("0".repeat(64), AudioFormat.OPUS);
        assertEquals(URI.create("memory:///00/" + "0".repeat(64) + ".opus"), storage.url(name));
    }

    @Test
    void closingItRemovesItsSpoolWithWhatWasLeftThere() throws Exception {
        Path spool = storage.spoolDirectory();
        Files.write(spool.resolve("left.part"), new byte[] {1});
        assertTrue(Files.exists(spool));
        storage.close();
        assertFalse(Files.exists(spool));
    }
}
