package dev.ttsjobs.examples.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The web page, out of the jar, and the description of this server's calls. */
final class PageRoutes {

    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' data:; media-src 'self' http: https:; connect-src 'self'; form-action 'self';"
            + " base-uri 'none'; frame-ancestors 'none'";

    private static final Pattern FILE = Pattern.compile("[a-z0-9-]{1,40}\\.(js|css)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "json", "application/json");

    private final Map<String, Page> pages = new ConcurrentHashMap<>();

    private record Page(byte[] bytes, String tag) {}

    void addTo(RoutesConfig routes) {
        routes.get("/", ctx -> send(ctx, "public/index.html"));
        routes.get("/openapi.json", ctx -> send(ctx, "openapi.json"));
        routes.get("/{file}", this::file);
    }

    private void file(Context ctx) {
        String name = ctx.pathParam("file");
        if (!FILE.matcher(name).matches()) {
            throw Problem.notFound("there is no such page");
        }
        send(ctx, "public/" + name);
    }

    private void send(Context ctx, String resource) {
        Page page = pages.get(resource);
        if (page == null) {
            page = read(resource);
            if (page == null) {
                throw Problem.notFound("there is no such page");
            }
            pages.put(resource, page);
        }
        ctx.header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        ctx.header("Cache-Control", "no-cache");
        ctx.header("ETag", page.tag);
        if (EntityTags.match(ctx.header("If-None-Match"), page.tag)) {
            ctx.status(304);
            return;
        }
        String extension = resource.substring(resource.lastIndexOf('.') + 1);
        ctx.contentType(TYPES.getOrDefault(extension, "application/octet-stream"))
                .result(page.bytes);
    }

    private static @Nullable Page read(String resource) {
        try (InputStream in = PageRoutes.class.getResourceAsStream("/" + resource)) {
            if (in == null) {
                return null;
            }
            byte[] bytes = in.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Page(bytes, "\"" + HexFormat.of().formatHex(hash, 0, 12) + "\"");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
