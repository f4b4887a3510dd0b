package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Decks of cards, in the example's own tables. Thread-safe. */
final class Decks {

    /** A deck of 2,000 phrases has about 120,000 characters. */
    private static final long MOST_CHARACTERS = 10_000_000;

    private static final long MOST_DECKS = 5_000;

    private final Jdbi jdbi;
    private final InstantSource clock;

    Decks(Jdbi jdbi, InstantSource clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /** A card; the addresses are null until there is audio. */
    record Card(
            String id,
            String question,
            List<String> answers,
            @Nullable String audioUrlEn,
            @Nullable String audioUrlFr) {

        /** A card without audio. */
        static Card of(String id, String question, List<String> answers) {
            return new Card(id, question, List.copyOf(answers), null, null);
        }
    }

    /** A deck with its cards, in order. */
    record Deck(String id, String ownerId, String name, boolean isPublic, List<Card> cards) {}

    /** What there is to know of a deck without reading its cards. */
    record Head(String ownerId, boolean isPublic) {}

    void add(Handle handle, Deck deck) {
        handle.createUpdate("INSERT INTO decks (id, owner_id, name, is_public, created_at)"
                        + " VALUES (:id, :owner, :name, :public, :now)")
                .bind("id", deck.id)
                .bind("owner", deck.ownerId)
                .bind("name", deck.name)
                .bind("public", deck.isPublic ? 1 : 0)
                .bind("now", clock.millis())
                .execute();
        if (deck.cards.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch("INSERT INTO cards (id, deck_id, place, question, answers)"
                + " VALUES (:id, :deck, :place, :question, :answers)");
        for (int place = 0; place < deck.cards.size(); place++) {
            Card card = deck.cards.get(place);
            batch.bind("id", card.id)
                    .bind("deck", deck.id)
                    .bind("place", place)
                    .bind("question", card.question)
                    .bind("answers", new String(Json.write(card.answers), StandardCharsets.UTF_8))
                    .add();
        }
        batch.execute();
    }

    /** Whether an owner's decks hold as much as they may: what one call lists has to fit into the memory of the server. */
    boolean areFull(Handle handle, String ownerId) {
        return handle.createQuery("SELECT COUNT(DISTINCT d.id) AS decks,"
                        + " COALESCE(SUM(LENGTH(c.question) + LENGTH(c.answers)), 0) AS characters"
                        + " FROM decks d LEFT JOIN cards c ON c.deck_id = d.id WHERE d.owner_id = :owner")
                .bind("owner", ownerId)
                .map((rows, context) ->
                        rows.getLong("decks") >= MOST_DECKS || rows.getLong("characters") >= MOST_CHARACTERS)
                .one();
    }

    /** Jobs of it stay, with their audio. */
    void delete(Handle handle, String deckId) {
        handle.execute("DELETE FROM cards WHERE deck_id = ?", deckId);
        handle.execute("DELETE FROM decks WHERE id = ?", deckId);
    }

    Optional<Head> head(String deckId) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT owner_id, is_public FROM decks WHERE id = :id")
                .bind("id", deckId)
                .map((rows, context) -> new Head(rows.getString("owner_id"), rows.getInt("is_public") != 0))
                .findOne());
    }

    /** A deck, if it is the owner's. */
    Optional<Deck> find(String ownerId, String deckId) {
        return read(ownerId, "AND d.id = :id", deckId).stream().findFirst();
    }

    /** All decks of an owner, newest first. */
    List<Deck> of(String ownerId) {
        return read(ownerId, "", "");
    }

    private List<Deck> read(String ownerId, String condition, String deckId) {
        return jdbi.withHandle(handle -> {
            Map<String, Deck> decks = new LinkedHashMap<>();
            handle.createQuery("SELECT d.id AS deck_id, d.name, d.is_public, c.id, c.question, c.answers,"
                            + " c.audio_url_en, c.audio_url_fr FROM decks d LEFT JOIN cards c ON c.deck_id = d.id"
                            + " WHERE d.owner_id = :owner " + condition
                            + " ORDER BY d.created_at DESC, d.id DESC, c.place")
                    .bind("owner", ownerId)
                    .bindMap(condition.isEmpty() ? Map.of() : Map.of("id", deckId))
                    .map((rows, context) -> {
                        String id = rows.getString("deck_id");
                        Deck deck = decks.get(id);
                        if (deck == null) {
                            boolean isPublic = rows.getInt("is_public") != 0;
                            deck = new Deck(id, ownerId, rows.getString("name"), isPublic, new ArrayList<>());
                            decks.put(id, deck);
                        }
                        if (rows.getString("id") != null) {
                            deck.cards.add(card(rows));
                        }
                        return deck;
                    })
                    .list();
            return List.copyOf(decks.values());
        });
    }

    private static Card card(ResultSet rows) throws SQLException {
        List<String> answers = new ArrayList<>();
        try {
            for (JsonNode answer : Json.parse(rows.getString("answers").getBytes(StandardCharsets.UTF_8))) {
                answers.add(answer.textValue());
            }
        } catch (JsonProcessingException e) {
            throw new SQLException("the answers of a card are not what was written", e);
        }
        return new Card(
                rows.getString("id"),
                rows.getString("question"),
                answers,
                rows.getString("audio_url_en"),
                rows.getString("audio_url_fr"));
    }
}
