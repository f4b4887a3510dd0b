package dev.ttsjobs.examples.server;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.worker.Secret;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that say who somebody is: JWT by HS256 and by nothing else. Whatever a token's header says of keys is ignored.
 * Thread-safe.
 */
final class Tokens {

    private static final Duration LIFETIME = Duration.ofDays(7);
    private static final int LONGEST = 8192;
    private static final int LONGEST_SUBJECT = 200;
    /** RFC 7515, section 7.1: base64url without padding, so that a token has one spelling only. */
    private static final Pattern COMPACT = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
    /** Clocks of other issuers may be ahead by so many seconds; an end is an end. */
    private static final long AHEAD = 60;

    /** Says in a token that its subject is one of the accounts here. */
    private static final String ISSUER = "tts-jobs";

    private final Algorithm algorithm;
    private final JWTVerifier verifier;
    private final InstantSource clock;

    Tokens(Secret secret, InstantSource clock) {
        this.algorithm = Algorithm.HMAC256(secret.value());
        this.clock = clock;
        this.verifier = JWT.require(algorithm)
                .withClaimPresence("sub")
                .withClaimPresence("exp")
                .acceptIssuedAt(AHEAD)
                .acceptNotBefore(AHEAD)
                .build();
    }

    /**
     * What a token says that can be trusted.
     *
     * @param user the subject
     * @param issuedAt in seconds since 1970; 0 where it does not say
     * @param isOwn whether it was issued here, so that the subject is, or was, one of the accounts
     */
    record Token(String user, long issuedAt, boolean isOwn) {

        private static final String ATTRIBUTE = "token";

        void attachTo(Context ctx) {
            ctx.attribute(ATTRIBUTE, this);
        }

        /** The one that a call came with. */
        static Token of(Context ctx) {
            return Objects.requireNonNull(ctx.<Token>attribute(ATTRIBUTE), "every call below /api is checked first");
        }
    }

    /** @param from the first second, since 1970, from which on the user's tokens count */
    String issue(String userId, long from) {
        Instant now = clock.instant();
        return JWT.create()
                .withIssuer(ISSUER)
                .withSubject(userId)
                .withIssuedAt(Instant.ofEpochSecond(Math.max(now.getEpochSecond(), from)))
                .withExpiresAt(now.plus(LIFETIME))
                .sign(algorithm);
    }

    /**
     * Reads the token of an {@code Authorization} header.
     *
     * @throws Problem 401 when it names nobody
     */
    Token read(@Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            throw Problem.unauthorized("a token is needed: Authorization: Bearer …");
        }
        String token = header.substring(7).strip();
        if (token.length() > LONGEST || !COMPACT.matcher(token).matches()) {
            throw refused();
        }
        try {
            DecodedJWT jwt = verifier.verify(token);
            requireWholeClaims(jwt);
            String subject = jwt.getSubject();
            if (subject != null
                    && !subject.isBlank()
                    && subject.length() <= LONGEST_SUBJECT
                    && Fields.isStorable(subject)) {
                Instant issued = jwt.getIssuedAtAsInstant();
                return new Token(subject, issued == null ? 0 : issued.getEpochSecond(), ISSUER.equals(jwt.getIssuer()));
            }
        } catch (RuntimeException | JsonProcessingException e) {
            // Whatever a forged token makes the parser stumble over; why it is no good is of use to nobody but forgers.
        }
        throw refused();
    }

    static Problem refused() {
        return Problem.unauthorized("the token is not valid, or no longer");
    }

    /** Claims that are given twice are read by one party this way and by the next another way; times are numbers. */
    private static void requireWholeClaims(DecodedJWT jwt) throws JsonProcessingException {
        JsonNode claims = Json.parse(Base64.getUrlDecoder().decode(jwt.getPayload()));
        JsonNode header = Json.parse(Base64.getUrlDecoder().decode(jwt.getHeader()));
        JsonNode expiry = claims.get("exp");
        if (!header.isObject() || expiry == null || !expiry.isNumber()) {
            throw new IllegalArgumentException("exp is a number");
        }
        // RFC 7515, section 4.1.11: what must be understood, and is not.
        if (header.has("crit")) {
            throw new IllegalArgumentException("no extension is understood");
        }
    }
}
