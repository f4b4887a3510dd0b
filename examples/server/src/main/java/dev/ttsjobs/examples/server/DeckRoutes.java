package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.JobStore.JobQuery;
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
    private final SpeechJobs jobs;
    private final AuditLog audit;
    private final Jdbi jdbi;

    DeckRoutes(Decks decks, SpeechJobs jobs, AuditLog audit, Jdbi jdbi) {
        this.decks = decks;
        this.jobs = jobs;
        this.audit = audit;
        this.jdbi = jdbi;
    }

    void addTo(RoutesConfig routes) {
        routes.post("/api/my-decks", this::create);
        routes.get("/api/my-decks", this::list);
        routes.get("/api/my-decks/{deckId}", this::show);
        routes.delete("/api/my-decks/{deckId}", this::delete);
    }

    private void create(Context ctx) {
        Caller caller = Caller.of(ctx);
        Decks.Deck deck = read(caller, Json.body(ctx));
        jdbi.useTransaction(handle -> {
            if (decks.areFull(handle, caller.id())) {
                throw Problem.conflict("decks_full", "your decks hold as much as one user may keep; delete some first");
            }
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
        Json.send(ctx, 200, Map.of("deck", json(find(ctx, Caller.of(ctx)))));
    }

    private void delete(Context ctx) {
        Caller caller = Caller.of(ctx);
        Decks.Deck deck = find(ctx, caller);
        for (JobStatus atWork : List.of(JobStatus.PENDING, JobStatus.PROCESSING)) {
            if (!jobs.list(new JobQuery(caller.id(), atWork, deck.id(), null, 1))
                    .isEmpty()) {
                throw Problem.conflict("deck_at_work", "a job makes audio for the deck; stop it first");
            }
        }
        jdbi.useTransaction(handle -> {
            decks.delete(handle, deck.id());
            audit.deckDeleted(handle, caller, deck);
        });
        ctx.status(204);
    }

    private Decks.Deck find(Context ctx, Caller caller) {
        return decks.find(caller.id(), ctx.pathParam("deckId"))
                .orElseThrow(() -> Problem.notFound("there is no such deck"));
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
