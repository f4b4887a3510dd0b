package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** A user's decks. */
final class DeckRoutes {

    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_TEXT = 20_000;
    /** What the narrowest of the databases takes in one column. */
    private static final int MOST_ANSWER_BYTES = 60_000;

    private static final int MOST_CARDS = 10_000;
    private static final int MOST_ANSWERS = 50;

    private final Decks decks;
    private final AuditLog audit;
    private final Jdbi jdbi;

    DeckRoutes(Decks decks, AuditLog audit, Jdbi jdbi) {
        this.decks = decks;
        this.audit = audit;
        this.jdbi = jdbi;
    }

    void addTo(RoutesConfig routes) {
        routes.post("/api/my-decks", this::create);
        routes.get("/api/my-decks", this::list);
        routes.get("/api/my-decks/{deckId}", this::show);
    }

    private void create(Context ctx) {
        Caller caller = Caller.of(ctx);
        Decks.Deck deck = read(caller, Json.body(ctx));
        jdbi.useTransaction(handle -> {
            decks.add(handle, deck);
            audit.deckCreated(handle, caller, deck);
        });
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ok", true);
        json.put("deck", json(deck));
        ctx.header("Location", "/api/my-decks/" + deck.id());
        Json.send(ctx, 201, json);
    }

    private static Decks.Deck read(Caller caller, JsonNode body) {
        Fields fields = Fields.of(body);
        String name = fields.required("name", LONGEST_NAME).strip();
        boolean isPublic = fields.flag("isPublic");
        List<Decks.Card> cards = new ArrayList<>();
        List<JsonNode> nodes = fields.has("cards") ? fields.array("cards", MOST_CARDS) : List.of();
        for (int i = 0; i < nodes.size(); i++) {
            Fields card = fields.inside(nodes.get(i), "cards[" + i + "]");
            String question = card.required("question", LONGEST_TEXT);
            List<String> answers = card.has("answers") ? card.texts("answers", MOST_ANSWERS, LONGEST_TEXT) : List.of();
            if (Json.write(answers).length > MOST_ANSWER_BYTES) {
                card.refuse(
                        "answers",
                        "too_many_bytes",
                        MOST_ANSWER_BYTES,
                        "must have at most " + MOST_ANSWER_BYTES + " bytes together");
            }
            cards.add(Decks.Card.of(UUID.randomUUID().toString(), question, answers));
        }
        fields.check();
        return new Decks.Deck(UUID.randomUUID().toString(), caller.id(), name, isPublic, cards);
    }

    private void list(Context ctx) {
        List<Map<String, Object>> all =
                decks.of(Caller.of(ctx).id()).stream().map(DeckRoutes::json).toList();
        Json.send(ctx, 200, Map.of("decks", all));
    }

    private void show(Context ctx) {
        Decks.Deck deck = decks.find(Caller.of(ctx).id(), ctx.pathParam("deckId"))
                .orElseThrow(() -> Problem.notFound("there is no such deck"));
        Json.send(ctx, 200, Map.of("deck", json(deck)));
    }

    private static Map<String, Object> json(Decks.Deck deck) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", deck.id());
        json.put("name", deck.name());
        json.put("isPublic", deck.isPublic());
        json.put("cards", deck.cards());
        return json;
    }
}
