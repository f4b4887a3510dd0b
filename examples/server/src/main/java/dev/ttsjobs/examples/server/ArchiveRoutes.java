package dev.ttsjobs.examples.server;

import dev.ttsjobs.job.Job;
import dev.ttsjobs.storage.AudioStorage;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A job's audio in one file. */
final class ArchiveRoutes {

    private final JobDesk desk;
    private final Decks decks;
    private final AudioStorage storage;

    ArchiveRoutes(JobDesk desk, Decks decks, AudioStorage storage) {
        this.desk = desk;
        this.decks = decks;
        this.storage = storage;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/tts/jobs/{jobId}/archive", this::archive);
    }

    private void archive(Context ctx) throws IOException {
        Caller caller = Caller.of(ctx);
        Job job = desk.find(caller, ctx.pathParam("jobId"));
        if (!job.status().hasEnded()) {
            throw Problem.conflict("still_at_work", "the job is still at work");
        }
        JobDesk.View view = desk.view(job);
        Optional<Decks.Deck> deck =
                Optional.ofNullable(job.details().reference()).flatMap(id -> decks.find(caller.id(), id));
        Map<String, Decks.Card> cards = deck.map(
                        found -> found.cards().stream().collect(Collectors.toMap(Decks.Card::id, Function.identity())))
                .orElse(Map.of());
        String name = deck.map(found -> Archive.slug(found.name()))
                .filter(words -> !words.isEmpty())
                .orElse("audio");
        ctx.contentType("application/zip");
        ctx.header("Content-Disposition", "attachment; filename=\"" + name + ".zip\"");
        try {
            new Archive(storage, cards).write(view.results(), ctx.outputStream());
        } catch (IOException | RuntimeException e) {
            if (!ctx.res().isCommitted()) {
                // Nothing has left yet, so that the refusal is all that is sent.
                ctx.res().reset();
            }
            throw e;
        }
    }
}
