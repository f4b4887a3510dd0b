package dev.ttsjobs.examples.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The deck of the demo, the same at every start: its ids are made from its texts. */
final class DemoDeck {

    private static final String NAME = "Français, first steps";

    private DemoDeck() {}

    static Decks.Deck of(String ownerId) {
        List<Decks.Card> cards = new ArrayList<>();
        try (BufferedReader lines = open()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#") && !line.isBlank()) {
                    String[] sides = line.split("\\|", 2);
                    cards.add(Decks.Card.of(id("card", line), sides[0], List.of(sides[1])));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Decks.Deck(id("deck", NAME), ownerId, NAME, false, cards);
    }

    private static String id(String kind, String text) {
        return UUID.nameUUIDFromBytes(("tts-jobs demo " + kind + " " + text).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private static BufferedReader open() {
        InputStream in = Objects.requireNonNull(DemoDeck.class.getResourceAsStream("/demo-deck.psv"), "demo-deck.psv");
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
