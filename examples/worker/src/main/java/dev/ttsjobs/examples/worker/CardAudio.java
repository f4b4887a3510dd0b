package dev.ttsjobs.examples.worker;

import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.jdbc.PhraseHook;
import dev.ttsjobs.storage.AudioName;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes where the audio is onto the cards, in the transaction in which their phrases end: a card is never behind its job,
 * nor before it.
 */
final class CardAudio implements PhraseHook {

    /** A side without audio leaves what the card has: an earlier job may have made it. */
    private static final String UPDATE = "UPDATE cards SET audio_url_en = COALESCE(?, audio_url_en),"
            + " audio_url_fr = COALESCE(?, audio_url_fr) WHERE id = ? AND deck_id = ?";

    private final Function<AudioName, URI> address;

    CardAudio(Function<AudioName, URI> address) {
        this.address = address;
    }

    @Override
    public void ended(Connection connection, List<EndedPhrase> phrases) throws SQLException {
        // In one order everywhere, so that two transactions with the same cards cannot wait for each other.
        List<EndedPhrase> ofCards = phrases.stream()
                .filter(phrase ->
                        phrase.result().itemId() != null && phrase.details().reference() != null)
                .sorted(Comparator.comparing(
                        phrase -> String.valueOf(phrase.result().itemId())))
                .toList();
        if (ofCards.isEmpty()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
            for (EndedPhrase phrase : ofCards) {
                update.setString(1, url(phrase.result(), "en"));
                update.setString(2, url(phrase.result(), "fr"));
                update.setString(3, phrase.result().itemId());
                update.setString(4, phrase.details().reference());
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    private @Nullable String url(PhraseResult result, String language) {
        PhraseResult.Side side = result.sides().get(language);
        PhraseResult.Audio audio = side == null ? null : side.audio();
        return audio == null ? null : address.apply(audio.name()).toString();
    }
}
