package dev.ttsjobs.examples.benchmark;

import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The same call, check and file that a worker makes, and nothing else: no queue, no limit, no record. Thread-safe. */
record PlainCall(SpeechSynthesizer synthesizer, AudioStorage storage) {

    private static final Voice VOICE = Voice.of("alloy");

    void make(String text) throws IOException {
        AudioName name =
                AudioName.of(ClipKey.of(synthesizer.family(), VOICE, text).hex(), VOICE.format());
        if (storage.find(name).isPresent()) {
            throw new IllegalStateException("a benchmark's texts are all new");
        }
        Path spooled = Files.createTempFile(storage.spoolDirectory(), "plain", ".part");
        try {
            try (SpeechAudio audio = synthesizer.synthesize(new SpeechRequest(text, VOICE), new CallHandle())) {
                Files.copy(audio.body(), spooled, StandardCopyOption.REPLACE_EXISTING);
            }
            AudioInspector.inspect(spooled, VOICE.format());
            storage.put(name, spooled);
        } finally {
            Files.deleteIfExists(spooled);
        }
    }
}
