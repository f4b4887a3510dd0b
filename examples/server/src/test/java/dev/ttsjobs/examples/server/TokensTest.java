package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.ttsjobs.examples.worker.Secret;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens that were tampered with in the ways that others fell for. */
class TokensTest {

    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    private static final long LATER = Instant.now().getEpochSecond() + 600;
    private static final String CLAIMS = "{\"sub\":\"ann\",\"exp\":" + LATER + "}";

    private final Tokens tokens = new Tokens(new Secret(SECRET), InstantSource.system());

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String signed(String header, String claims, String algorithm, String secret) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), algorithm));
            String text = part(header) + "." + part(claims);
            byte[] signature = mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signed(String header, String claims) {
        return signed(header, claims, "HmacSHA256", SECRET);
    }

    @Test
    void its_own_token_names_the_user() {
        assertEquals("ann", tokens.read("Bearer " + tokens.issue("ann", 0)).user());
        assertEquals("ann", tokens.read("bearer " + tokens.issue("ann", 0)).user());
    }

    @Test
    void another_issuers_token_is_as_good() {
        assertEquals("ann", tokens.read("Bearer " + signed(HEADER, CLAIMS)).user());
        String more = "{\"iss\":\"other\",\"aud\":[\"a\",\"b\"],\"role\":{\"x\":1}," + CLAIMS.substring(1);
        assertEquals("ann", tokens.read("Bearer " + signed(HEADER, more)).user());
        assertEquals(
                "ann",
                tokens.read("Bearer " + signed("{\"alg\":\"HS256\",\"kid\":\"../../etc/passwd\"}", CLAIMS))
                        .user());
    }

    static Stream<String> forged() throws Exception {
        String good = signed(HEADER, CLAIMS);
        String body = part(HEADER) + "." + part(CLAIMS);
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        byte[] publicKey = rsa.generateKeyPair().getPublic().getEncoded();
        long past = Instant.now().getEpochSecond() - 5;
        return Stream.of(
                part("{\"alg\":\"none\"}") + "." + part(CLAIMS) + ".",
                part("{\"alg\":\"None\"}") + "." + part(CLAIMS) + ".",
                part("{\"alg\":\"nOnE\"}") + "." + part(CLAIMS) + "." + good.substring(good.lastIndexOf('.') + 1),
                part("{\"typ\":\"JWT\"}") + "." + part(CLAIMS) + ".",
                body,
                body + ".",
                body + ".AAAA",
                "a.b.",
                "..",
                "",
                good + "x",
                good.substring(0, good.length() - 2),
                good.replaceFirst("\\.", ".A"),
                good + "=",
                good + "\u00e9",
                " " + good.replaceFirst("\\.", ". "),
                good.replaceFirst("\\.", ".."),
                good + ".x",
                good.replaceFirst("^[^.]*", part("[]")),
                good.replaceFirst("^[^.]*", part("null")),
                signed(HEADER, CLAIMS, "HmacSHA256", "another secret of thirty-two bytes"),
                signed(HEADER, CLAIMS, "HmacSHA256", SECRET.substring(0, 31)),
                signed("{\"alg\":\"hs256\"}", CLAIMS),
                signed("{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}", CLAIMS),
                signed("{\"alg\":\"HS256 \"}", CLAIMS),
                signed("{\"alg\":[\"HS256\"]}", CLAIMS),
                signed("{\"alg\":null}", CLAIMS),
                part("{\"alg\":\"ES256\"}") + "." + part(CLAIMS) + "." + part("\0".repeat(64)),
                signed("{\"alg\":\"HS384\"}", CLAIMS, "HmacSHA384", SECRET),
                signed("{\"alg\":\"HS512\"}", CLAIMS, "HmacSHA512", SECRET),
                signed("{\"alg\":\"RS256\"}", CLAIMS),
                signed(HEADER, CLAIMS, "HmacSHA256", new String(publicKey, StandardCharsets.ISO_8859_1)),
                signed("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}", CLAIMS, "HmacSHA256", "\0\0\0"),
                signed(HEADER, "{\"sub\":\"ann\"}"),
                signed(HEADER, "{\"sub\":\"ann\",\"exp\":" + past + "}"),
                signed(HEADER, "{\"sub\":\"ann\",\"exp\":null}"),
                signed(HEADER, "{\"sub\":\"ann\",\"exp\":\"" + LATER + "\"}"),
                signed(HEADER, "{\"sub\":\"ann\",\"exp\":-1}"),
                signed(HEADER, "{\"sub\":\"ann\",\"exp\":[1]}"),
                signed(HEADER, "{\"sub\":\"ann\",\"exp\":" + LATER + ",\"nbf\":" + LATER + "}"),
                signed(HEADER, "{\"sub\":\"ann\",\"exp\":" + LATER + ",\"iat\":" + LATER + "}"),
                signed(HEADER, "{\"exp\":" + LATER + "}"),
                signed(HEADER, "{\"sub\":\"\",\"exp\":" + LATER + "}"),
                signed(HEADER, "{\"sub\":{\"a\":1},\"exp\":" + LATER + "}"),
                signed(HEADER, "{\"sub\":\"a\\u0000\",\"exp\":" + LATER + "}"),
                signed(HEADER, "{\"sub\":\"" + "a".repeat(201) + "\",\"exp\":" + LATER + "}"),
                signed(HEADER, "{\"sub\":\"ann\",\"sub\":\"bob\",\"exp\":" + LATER + "}"),
                signed("{\"alg\":\"HS256\",\"alg\":\"none\"}", CLAIMS),
                signed(HEADER, "[" + CLAIMS + "]"),
                signed(HEADER, good),
                signed(HEADER, "{\"sub\":\"ann\",\"x\":\"" + "a".repeat(8000) + "\",\"exp\":" + LATER + "}"),
                JWT.create()
                        .withSubject("ann")
                        .withExpiresAt(Instant.now().plusSeconds(60))
                        .sign(Algorithm.none()));
    }

    @ParameterizedTest
    @MethodSource("forged")
    void a_forged_token_names_nobody(String token) {
        assertEquals(
                401,
                assertThrows(Problem.class, () -> tokens.read("Bearer " + token))
                        .status());
    }

    @Test
    void an_expiry_beyond_all_time_breaks_nothing() {
        for (String exp : new String[] {"1e308", "1e400", "99999999999999999999"}) {
            String token = signed(HEADER, "{\"sub\":\"ann\",\"exp\":" + exp + "}");
            try {
                assertEquals("ann", tokens.read("Bearer " + token).user());
            } catch (Problem e) {
                assertEquals(401, e.status());
            }
        }
    }

    @Test
    void only_the_bearer_scheme_is_known() {
        for (String header : new String[] {null, "", "Basic YTpi", tokens.issue("ann", 0), "Bearer"}) {
            assertEquals(
                    401, assertThrows(Problem.class, () -> tokens.read(header)).status());
        }
    }
}
