package dev.ttsjobs.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.text.SpokenText;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a database refuses, or silently makes equal to something else, is refused before it gets there. */
class StoredTextTest {

    @ParameterizedTest
    @ValueSource(chars = {'\u0000', '\ud83d', '\udc4b'})
    void halfCharactersAndZerosAreRefused(char bad) {
        String text = "a" + bad + "b";
        assertEquals(true, SpokenText.problem(text, 100).isPresent());
        assertThrows(IllegalArgumentException.class, () -> details(text, null));
        assertThrows(IllegalArgumentException.class, () -> details("alice", text));
        assertThrows(IllegalArgumentException.class, () -> Phrase.of(text, "en", "Hello"));
        assertThrows(IllegalArgumentException.class, () -> Voice.of("alloy").withInstructions(text));
    }

    private static Job.Details details(String owner, String reference) {
        return new Job.Details(owner, reference, Priority.NORMAL, Map.of());
    }
}
