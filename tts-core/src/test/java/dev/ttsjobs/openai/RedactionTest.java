package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RedactionTest {

    private static final ApiKey KEY = ApiKey.of("canaryKEY0123456789wxyz");
    private static final String TEXT = "Le chat de ma voisine dort sur le toit de la maison.";

    @Test
    void theKeyAndPiecesOfItAreHidden() {
        Redaction redaction = new Redaction(KEY, TEXT);

        assertEquals("bad key *** given", redaction.apply("bad key canaryKEY0123456789wxyz given"));
        assertEquals("bad key *** given", redaction.apply("bad key canaryKEY012 given"));
        assertEquals("bad key *** given", redaction.apply("bad key cana***************wxyz given"));
    }

    @Test
    void anythingThatLooksLikeAKeyIsHidden() {
        Redaction redaction = new Redaction(null, TEXT);

        assertEquals(
                "Incorrect API key provided: ***. You can find your API key at https://platform.openai.com.",
                redaction.apply("Incorrect API key provided: sk-proj-abc_DEF123. You can find your API key at"
                        + " https://platform.openai.com."));
        assertEquals("header Authorization: Bearer ***", redaction.apply("header Authorization: Bearer abc.def"));
        assertFalse(redaction.apply("provided: sk-ab****************wxyz.").contains("wxyz"));
    }

    @Test
    void theUsersTextIsHidden() {
        Redaction redaction = new Redaction(null, TEXT);

        assertEquals("cannot say '[text]'", redaction.apply("cannot say '" + TEXT + "'"));
        assertEquals("cannot say '[text]...'", redaction.apply("cannot say '" + TEXT.substring(0, 30) + "...'"));
        assertEquals("cannot say 'Le chat'", redaction.apply("cannot say 'Le chat'"));
    }

    @Test
    void aShortTextIsHiddenOnlyWhereItStandsAlone() {
        Redaction redaction = new Redaction(null, "mode");

        assertEquals("[text]: the model is unknown", redaction.apply("mode: the model is unknown"));
        assertEquals("a model", new Redaction(null, "a").apply("a model"));
    }

    @Test
    void theWorkIsBoundedForAnyMessage() {
        String text = "ab".repeat(2048);
        Redaction redaction = new Redaction(KEY, text);

        assertTimeout(Duration.ofSeconds(5), () -> {
            assertEquals("[text]", redaction.apply("ab".repeat(500_000)));
            redaction.apply("*".repeat(1_000_000));
            redaction.apply("a*".repeat(500_000));
        });
    }
}
