package dev.ttsjobs.examples.spring;

import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.jdbc.PhraseHook;
import dev.ttsjobs.storage.AudioStorage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Writes where the audio is onto the cards, in the transaction in which their phrases end. */
final class CardAudio implements PhraseHook {

    private final AudioStorage storage;

    CardAudio(AudioStorage storage) {
        this.storage = storage;
    }

    @Override
    public void ended(Connection connection, List<EndedPhrase> phrases) throws SQLException {
        // In one order everywhere, so that two transactions with the same cards cannot wait for each other.
        List<PhraseResult> results = phrases.stream()
                .map(EndedPhrase::result)
                .filter(result -> result.itemId() != null)
                .sorted(Comparator.comparingLong(CardAudio::card))
                .toList();
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE cards SET audio_url = ?, failure = ? WHERE id = ?")) {
            for (PhraseResult result : results) {
                PhraseResult.Side side = result.sides().values().iterator().next();
                PhraseResult.Audio audio = side.audio();
                update.setString(
                        1, audio == null ? null : storage.url(audio.name()).toString());
                update.setString(
                        2, side.failure() == null ? null : side.failure().code());
                update.setLong(3, card(result));
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    private static long card(PhraseResult result) {
        return Long.parseLong(Objects.requireNonNull(result.itemId()));
    }
}
