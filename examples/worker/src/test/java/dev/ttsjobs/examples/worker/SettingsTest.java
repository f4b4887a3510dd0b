package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.speech.Voices;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void without_any_everything_has_a_default() {
        Settings settings = Settings.from(Map.of("PORT", "", "TTS_BURST", "  "));

        assertEquals("127.0.0.1", settings.web().host());
        assertEquals(8080, settings.web().port());
        assertNull(settings.web().jwtSecret());
        assertTrue(settings.provider().isOffline());
        assertEquals(120, settings.provider().limit().requestsPerMinute());
        assertEquals(1, settings.provider().limit().burst());
        assertEquals(Duration.ofMinutes(1), settings.provider().limit().probeInterval());
        assertEquals("alloy", settings.provider().voices().forLanguage("en").name());
        assertEquals("verse", settings.provider().voices().forLanguage("fr").name());
        assertEquals("alloy", settings.provider().voices().forLanguage("de").name());
        assertEquals(
                "gpt-4o-mini-tts",
                settings.provider().voices().forLanguage("en").model());
        assertEquals(200, settings.limits().phrasesPerJob());
        assertEquals(20_000, settings.limits().textLength());
        assertEquals(5, settings.limits().jobsPerDay());
        assertEquals(new Settings.SignUps(20, 1000), settings.web().signUps());
        assertTrue(settings.web().trustedProxies().hold("127.0.0.1"));
        assertFalse(settings.web().trustedProxies().hold("10.0.0.1"));
        assertEquals(Duration.ofSeconds(5), settings.work().pollInterval());
        assertTrue(settings.work().inServer());
        assertEquals("http://localhost:8080/storage/tts", settings.audioUrl().toString());
        assertEquals(new BigDecimal("15.000000"), settings.provider().prices().cost("any", 1_000_000));
    }

    @Test
    void each_has_its_place() {
        Settings settings = Settings.from(Map.ofEntries(
                Map.entry("TTS_VOICE_DE", "nova"),
                Map.entry("TTS_VOICE_PT_BR", "coral"),
                Map.entry("TTS_VOICE_DEFAULT", "sage"),
                Map.entry("TTS_MODEL", "tts-1"),
                Map.entry("TTS_REQUESTS_PER_MINUTE", "auto"),
                Map.entry("TTS_TOKENS_PER_MINUTE", "5000"),
                Map.entry("TTS_CONCURRENCY", "7"),
                Map.entry("TTS_MAX_JOBS_PER_DAY", "0"),
                Map.entry("PUBLIC_BASE_URL", "https://cdn.example.org/tts/"),
                Map.entry("WORKER_ENABLED", "false"),
                Map.entry("OPENAI_BASE_URL", "http://localhost:8880/v1")));

        assertEquals("nova", settings.provider().voices().forLanguage("de-AT").name());
        assertEquals("coral", settings.provider().voices().forLanguage("pt-BR").name());
        assertEquals("sage", settings.provider().voices().forLanguage("it").name());
        assertEquals("tts-1", settings.provider().voices().forLanguage("it").model());
        assertEquals(500, settings.provider().limit().requestsPerMinute());
        assertEquals(5000.0, settings.provider().limit().tokensPerMinute());
        assertEquals(7, settings.work().concurrency());
        assertEquals(0, settings.limits().jobsPerDay());
        assertFalse(settings.work().inServer());
        assertFalse(settings.provider().isOffline());
        String name = "ab/ab" + "0".repeat(62) + ".mp3";
        assertEquals(
                "https://cdn.example.org/tts/" + name,
                settings.audioUrl(new dev.ttsjobs.storage.AudioName(name)).toString());
    }

    @Test
    void who_stands_in_has_a_limit_and_a_family_of_its_own() {
        assertNull(Settings.from(Map.of()).provider().fallback());
        Settings.Fallback sameVoices = Settings.from(Map.of("TTS_FALLBACK_API_KEY", "sk-other"))
                .provider()
                .fallback();
        assertFalse(sameVoices.hasVoicesOfItsOwn());
        assertEquals(120, sameVoices.limit().requestsPerMinute());
        assertFalse(sameVoices.toString().contains("sk-other"), sameVoices.toString());

        Settings.Fallback other = Settings.from(Map.of(
                        "TTS_FALLBACK_BASE_URL", "http://Kokoro:8880/v1",
                        "TTS_FALLBACK_MODEL", "kokoro",
                        "TTS_FALLBACK_REQUESTS_PER_MINUTE", "30",
                        "TTS_FALLBACK_VOICES", "alloy=af_heart, verse=ff_siwis"))
                .provider()
                .fallback();
        assertEquals("fallback-kokoro", other.family());
        assertEquals(30, other.limit().requestsPerMinute());
        Voice french = Voices.standard().forLanguage("fr");
        Voice standIn = other.standIn(french).orElseThrow();
        assertEquals("ff_siwis", standIn.name());
        assertEquals("kokoro", standIn.model());
        assertEquals(french.instructions(), standIn.instructions());
        assertEquals(Optional.empty(), other.standIn(Voice.of("nova")), "it waits");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PORT|65536",
                "PORT|80 80",
                "TTS_REQUESTS_PER_MINUTE|0",
                "TTS_REQUESTS_PER_MINUTE|NaN",
                "TTS_REQUESTS_PER_MINUTE|Infinity",
                "TTS_TOKENS_PER_MINUTE|-1",
                "TTS_BURST|0",
                "TTS_PROBE_INTERVAL_SECONDS|0",
                "TTS_CONCURRENCY|65",
                "TTS_CONCURRENCY|many",
                "TTS_MAX_PHRASES_PER_JOB|0",
                "TTS_MAX_TEXT_LENGTH|0",
                "TTS_MAX_JOBS_PER_DAY|-1",
                "TTS_MAX_CHARACTERS_PER_DAY|many",
                "TTS_MAX_USD_PER_MONTH|-0.01",
                "TTS_MAX_USD_PER_MONTH|$5",
                "TTS_TOTAL_JOBS_PER_DAY|1.5",
                "TTS_TOTAL_CHARACTERS_PER_DAY|-1",
                "TTS_TOTAL_USD_PER_MONTH|Infinity",
                "TTS_JOB_RETRIES|21",
                "WORKER_PORT|-1",
                "TRUSTED_PROXIES|nginx",
                "TRUSTED_PROXIES|10.0.0.0/99",
                "SIGN_UPS_PER_HOUR|-1",
                "TOTAL_SIGN_UPS_PER_HOUR|many",
                "TTS_MAX_ATTEMPTS|0",
                "TTS_JOB_RETENTION_DAYS|0",
                "TTS_PRICE_PER_MILLION_CHARACTERS|-1",
                "TTS_PRICE_PER_MILLION_CHARACTERS|1e999999999",
                "POLL_INTERVAL_MS|1",
                "STORAGE_TYPE|tape",
                "STORAGE_TYPE|LOCAL",
                "PUBLIC_BASE_URL|ftp://x",
                "PUBLIC_BASE_URL|x",
                "OPENAI_API_KEY|sk two",
                "OPENAI_API_KEY|schlüssel",
                "TTS_FALLBACK_API_KEY|sk two",
                "OPENAI_BASE_URL|localhost:8080",
                "DATABASE_URL|mongodb://x",
                "JWT_SECRET|0123456789abcdef0123456789abcde",
                "WEBHOOK_SECRET|whsec_short",
                "WEBHOOK_SECRET|0123456789abcdef0123456789abcdef",
                "WEBHOOK_SECRET|whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5 whsec_short",
                "WEBHOOK_ALLOW_PRIVATE|yes",
                "WORKER_ENABLED|1",
                "LOG_FORMAT|xml",
                "TTS_VOICE_1|x",
                "TTS_FALLBACK_BASE_URL|localhost:8880",
                "TTS_FALLBACK_VOICES|alloy",
                "TTS_FALLBACK_VOICES|alloy=x",
                "TTS_FALLBACK_MODEL|kokoro",
                "TTS_FALLBACK_REQUESTS_PER_MINUTE|0",
            })
    void a_value_out_of_range_is_named(String name, String value) {
        SettingsException refused = assertThrows(SettingsException.class, () -> Settings.from(Map.of(name, value)));
        assertTrue(refused.getMessage().startsWith(name + ": "), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
    }

    @Test
    void budgets_hold_for_one_user_and_for_all_and_are_not_there_by_default() {
        Settings.Limits none =
                Settings.from(Map.of("TTS_MAX_USD_PER_MONTH", "0")).limits();
        assertEquals(Quotas.Limits.NONE, none.eachUser());
        assertEquals(Quotas.Limits.NONE, none.allUsers());
        assertEquals(0, none.rounds().most());
        Settings.Limits some = Settings.from(Map.of(
                        "TTS_MAX_CHARACTERS_PER_DAY", "1000",
                        "TTS_MAX_USD_PER_MONTH", "2.50",
                        "TTS_TOTAL_JOBS_PER_DAY", "30",
                        "TTS_TOTAL_CHARACTERS_PER_DAY", "9000",
                        "TTS_TOTAL_USD_PER_MONTH", "40",
                        "TTS_JOB_RETRIES", "3"))
                .limits();
        assertEquals(new Quotas.Limits(null, 1000L, new BigDecimal("2.50")), some.eachUser());
        assertEquals(new Quotas.Limits(30, 9000L, new BigDecimal("40")), some.allUsers());
        assertEquals(3, some.rounds().most());
    }

    /** What the program reads is in the README's table, and nothing else is. */
    @Test
    void the_table_of_settings_is_whole() throws IOException {
        String readme = Files.readString(Path.of("../../README.md"));
        String section = readme.substring(readme.indexOf("## Settings of the example server"));
        String table = section.substring(section.indexOf("\n|"), section.indexOf("\n\n", section.indexOf("\n|") + 2));
        Set<String> shown = new TreeSet<>();
        Matcher name = Pattern.compile("`([A-Z][A-Z0-9_<>]+)`").matcher(table);
        while (name.find()) {
            shown.add(name.group(1));
        }
        // Each language has one.
        shown.removeIf(each -> each.startsWith("TTS_VOICE_"));
        Set<String> read = new TreeSet<>(Settings.names());
        assertTrue(read.size() > 30, read.toString());
        assertEquals(read, shown);
    }

    @Test
    void a_bucket_is_needed_for_s3() {
        SettingsException refused =
                assertThrows(SettingsException.class, () -> Settings.from(Map.of("STORAGE_TYPE", "s3")));
        assertTrue(refused.getMessage().startsWith("AWS_S3_BUCKET: "), refused.getMessage());
    }

    @Test
    void all_that_is_wrong_is_said_at_once() {
        SettingsException refused =
                assertThrows(SettingsException.class, () -> Settings.from(Map.of("PORT", "x", "TTS_BURST", "0")));
        assertTrue(
                refused.getMessage().contains("PORT: ") && refused.getMessage().contains("TTS_BURST: "));
    }

    @Test
    void databases_are_named_as_hosting_services_name_them() {
        for (String url :
                List.of("postgresql://u:p@x/y", "mariadb://u:p@x/y", "mysql://u:p@x/y", "jdbc:mariadb://x/y")) {
            assertEquals(
                    url,
                    Settings.from(Map.of("DATABASE_URL", url))
                            .data()
                            .databaseUrl()
                            .value());
        }
        assertThrows(SettingsException.class, () -> Settings.from(Map.of("DATABASE_URL", "oracle://u:p@x/y")));
    }

    @Test
    void no_secret_is_ever_shown() {
        Settings settings = Settings.from(Map.of(
                "OPENAI_API_KEY", "sk-canary",
                "JWT_SECRET", "canary-canary-canary-canary-canary",
                "WEBHOOK_SECRET", "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5",
                "DATABASE_URL", "postgresql://u:canary@x/y"));
        assertFalse(settings.toString().contains("canary"), settings.toString());
        assertFalse(settings.toString().contains("Y2Fu"), settings.toString());
        SettingsException refused = assertThrows(
                SettingsException.class, () -> Settings.from(Map.of("PORT", "canary", "LOG_FORMAT", "canary")));
        assertFalse(refused.getMessage().contains("canary"), refused.getMessage());
    }
}
