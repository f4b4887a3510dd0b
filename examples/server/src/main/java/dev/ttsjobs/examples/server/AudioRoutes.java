package dev.ttsjobs.examples.server;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;

/** The audio files, as a web server would serve them from the directory. */
final class AudioRoutes {

    private final AudioStorage storage;

    private final boolean elsewhere;

    /** @param elsewhere whether files are fetched from the storage itself, by addresses that it signs when asked */
    AudioRoutes(AudioStorage storage, boolean elsewhere) {
        this.storage = storage;
        this.elsewhere = elsewhere;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/storage/tts/<name>", this::serve);
    }

    private void serve(Context ctx) throws IOException {
        String asked = ctx.pathParam("name");
        // Only names that the store makes: nothing else ever reaches it.
        OptionalLong found = AudioName.isName(asked) ? storage.find(new AudioName(asked)) : OptionalLong.empty();
        if (found.isEmpty()) {
            ctx.header("Cache-Control", "no-store");
            throw Problem.notFound("there is no such audio (yet)");
        }
        AudioName name = new AudioName(asked);
        if (elsewhere) {
            // The address works for a while only, so nobody may keep it.
            ctx.header("Cache-Control", "no-store");
            ctx.redirect(storage.url(name).toString(), HttpStatus.FOUND);
            return;
        }
        long size = found.getAsLong();
        // A name that was deleted and made anew shows other bytes, which have another length but for a rare chance.
        String tag = "\"" + asked.substring(3, 35) + "-" + Long.toHexString(size) + "\"";
        ctx.header("ETag", tag);
        ctx.header("Cache-Control", "public, max-age=31536000, immutable");
        ctx.header("Accept-Ranges", "bytes");
        if (EntityTags.match(ctx.header("If-None-Match"), tag)) {
            ctx.status(304);
            return;
        }
        ctx.contentType(name.format().mediaType());
        send(ctx, name, size, range(ctx, size, tag));
    }

    private static Optional<ByteRange> range(Context ctx, long size, String tag) {
        String ifRange = ctx.header("If-Range");
        return ifRange != null && !ifRange.strip().equals(tag)
                ? Optional.empty()
                : ByteRange.of(ctx.header("Range"), size);
    }

    private void send(Context ctx, AudioName name, long size, Optional<ByteRange> range) throws IOException {
        if (range.isPresent() && !range.get().isSatisfiable()) {
            ctx.header("Content-Range", "bytes */" + size);
            ctx.header("Cache-Control", "no-store");
            throw Problem.of(416, "No such part", "the file has " + size + " bytes");
        }
        ByteRange part = range.orElse(new ByteRange(0, size - 1));
        if (range.isPresent()) {
            ctx.status(206);
            ctx.header("Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + size);
        }
        ctx.res().setContentLengthLong(part.length());
        InputStream in = storage.open(name);
        try {
            in.skipNBytes(part.first());
            ctx.result(part.length() == size ? in : new LimitedStream(in, part.length()));
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
