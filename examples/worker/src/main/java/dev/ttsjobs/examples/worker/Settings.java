package dev.ttsjobs.examples.worker;

import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.speech.Voices;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.webhook.WebhookGuard;
import dev.ttsjobs.webhook.WebhookSigner;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set from outside, by environment variables; each has a default that runs with none set. Secrets
 * print as {@code ***}. Immutable and thread-safe.
 */
public record Settings(
        Web web, Data data, Provider provider, Work work, Limits limits, Storage storage, LogFormat logFormat) {

    private static final int SHORTEST_JWT_SECRET = 32;

    /** What the provider allows its largest customers. */
    private static final double MOST_REQUESTS = 10_000;

    private static final List<String> DATABASES = List.of(
            "postgresql://",
            "postgres://",
            "mariadb://",
            "mysql://",
            "jdbc:postgresql:",
            "jdbc:mariadb:",
            "jdbc:sqlite:",
            "jdbc:h2:");

    /**
     * The server's side.
     *
     * @param host what it binds to
     * @param port 0 for any free one
     * @param jwtSecret null when one is to be made and kept
     * @param webhookSigner signs webhooks; null when there are none
     * @param webhookGuard where webhooks may go
     * @param adminEmails the accounts that may see how the whole server is, in small letters
     * @param trustedProxies who is believed when it says whom it asks for
     * @param signUps how many accounts may be made
     */
    public record Web(
            String host,
            int port,
            @Nullable Secret jwtSecret,
            @Nullable WebhookSigner webhookSigner,
            WebhookGuard webhookGuard,
            Set<String> adminEmails,
            Networks trustedProxies,
            SignUps signUps) {

        public Web {
            adminEmails = Set.copyOf(adminEmails);
        }
    }

    /**
     * How many accounts may be made within an hour, by one process.
     *
     * @param ofAddress from one address; 0 for any number
     * @param all from all together; 0 for any number
     */
    public record SignUps(int ofAddress, int all) {}

    /**
     * Where the jobs live.
     *
     * @param dir the folder of the embedded database and the made secret
     * @param databaseUrl null for the embedded database; a secret, since it may hold a password
     */
    public record Data(Path dir, @Nullable Secret databaseUrl) {}

    /**
     * Who speaks.
     *
     * @param apiKey null for none
     * @param baseUrl null for the provider's own
     * @param voiceNames the voice of each language, {@code default} among them
     * @param fallback who speaks while the account is paused; null for nobody
     */
    public record Provider(
            @Nullable Secret apiKey,
            @Nullable URI baseUrl,
            String model,
            Map<String, String> voiceNames,
            RateLimit limit,
            PriceList prices,
            @Nullable Fallback fallback) {

        public Provider {
            voiceNames = Map.copyOf(voiceNames);
        }

        /** Whether the built-in voice speaks, because nobody else was named. */
        public boolean isOffline() {
            return apiKey == null && baseUrl == null;
        }

        /** Who speaks which language. */
        public Voices voices() {
            Voices voices = Voices.of(voice("default"));
            for (String language : voiceNames.keySet()) {
                if (!language.equals("default")) {
                    voices = voices.with(language, Voices.spoken(voice(language), language));
                }
            }
            return voices;
        }

        private Voice voice(String language) {
            return Voice.of(voiceNames.getOrDefault(language, "alloy")).withModel(model);
        }
    }

    /**
     * Who speaks while the first account is paused.
     *
     * @param apiKey null for none
     * @param baseUrl null for the provider's own
     * @param model of its voices
     * @param voiceNames its voice for each of the first one's; empty where its voices are the same ones
     */
    public record Fallback(
            @Nullable Secret apiKey,
            @Nullable URI baseUrl,
            String model,
            Map<String, String> voiceNames,
            RateLimit limit) {

        private static final int LONGEST_FAMILY = 40;

        public Fallback {
            voiceNames = Map.copyOf(voiceNames);
        }

        /** Whether it sounds otherwise than the first one. */
        public boolean hasVoicesOfItsOwn() {
            return !voiceNames.isEmpty();
        }

        /** What speaks in the place of a voice; none where that is to wait. */
        public Optional<Voice> standIn(Voice first) {
            return Optional.ofNullable(voiceNames.get(first.name()))
                    .map(name -> new Voice(model, name, first.instructions(), first.speed(), first.format()));
        }

        /** What its audio is kept under: never under the first one's keys. */
        public String family() {
            String host = baseUrl == null ? "openai" : baseUrl.getHost().toLowerCase(Locale.ROOT);
            String name = "fallback-" + host.replaceAll("[^a-z0-9._-]", "-");
            return name.substring(0, Math.min(LONGEST_FAMILY, name.length()));
        }
    }

    /**
     * How the work is done.
     *
     * @param inServer whether the server works too
     * @param concurrency requests in flight at most; 0 for a number that grows with need
     * @param retention how long ended jobs are kept
     * @param healthPort where the standalone worker tells how it is; 0 for any free one, null for the usual one if it is free
     */
    public record Work(
            boolean inServer,
            int concurrency,
            int maxAttempts,
            Duration pollInterval,
            Duration retention,
            @Nullable Integer healthPort) {}

    /**
     * What may be asked for, and spent.
     *
     * @param jobsPerDay of one user; 0 for any number
     * @param eachUser what else one user may use
     * @param allUsers what all of them together may
     * @param rounds whether a job that lacks something is tried again by itself
     */
    public record Limits(
            int phrasesPerJob,
            int textLength,
            int jobsPerDay,
            Quotas.Limits eachUser,
            Quotas.Limits allUsers,
            RetryPolicy.Rounds rounds) {}

    /**
     * Where the audio goes.
     *
     * @param publicBaseUrl the address that audio is fetched from; null for the server's own
     * @param bucket the bucket, for S3; null otherwise
     * @param endpoint the S3 server, where it is not AWS; null otherwise. Its keys and region the AWS SDK finds itself
     */
    public record Storage(
            StorageType type,
            Path path,
            @Nullable URI publicBaseUrl,
            @Nullable String bucket,
            @Nullable URI endpoint) {}

    /** The kinds of storage. */
    public enum StorageType {
        LOCAL,
        S3
    }

    /** How log lines look. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /** @throws SettingsException naming every variable that cannot be used */
    public static Settings from(Map<String, String> variables) {
        Environment env = new Environment(variables);
        Settings settings = read(env);
        env.check();
        return settings;
    }

    /** Every variable that is looked at. */
    static Set<String> names() {
        Environment env = new Environment(Map.of());
        read(env);
        return env.asked();
    }

    private static Settings read(Environment env) {
        return new Settings(web(env), data(env), provider(env), work(env), limits(env), storage(env), logFormat(env));
    }

    /** These settings with the port that was found free. */
    public Settings withPort(int port) {
        Web other = new Web(
                web.host,
                port,
                web.jwtSecret,
                web.webhookSigner,
                web.webhookGuard,
                web.adminEmails,
                web.trustedProxies,
                web.signUps);
        return new Settings(other, data, provider, work, limits, storage, logFormat);
    }

    /** Where all audio is fetched from: the set address, or this server's own. It never expires. */
    public URI audioUrl() {
        URI set = storage.publicBaseUrl;
        return set != null ? set : URI.create("http://localhost:" + web.port + "/storage/tts");
    }

    /** Where a file is fetched from; kept with the cards. */
    public URI audioUrl(AudioName name) {
        return URI.create(audioUrl().toString().replaceAll("/+$", "") + "/" + name);
    }

    private static Set<String> adminEmails(Environment env) {
        return Stream.of(env.text("ADMIN_EMAILS", "").split(","))
                .map(email -> email.strip().toLowerCase(Locale.ROOT))
                .filter(email -> !email.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Web web(Environment env) {
        Secret jwt = env.secret("JWT_SECRET");
        if (jwt != null && jwt.value().getBytes(StandardCharsets.UTF_8).length < SHORTEST_JWT_SECRET) {
            env.refuse("JWT_SECRET", "must have at least " + SHORTEST_JWT_SECRET + " bytes");
        }
        boolean anywhere = env.flag("WEBHOOK_ALLOW_PRIVATE", false);
        return new Web(
                env.text("HOST", "127.0.0.1"),
                env.integer("PORT", 8080, 0, 65_535),
                jwt,
                webhookSigner(env),
                anywhere ? WebhookGuard.ANYWHERE : WebhookGuard.PUBLIC_ONLY,
                adminEmails(env),
                env.made("TRUSTED_PROXIES", Networks.LOOPBACK, Networks::parse),
                new SignUps(
                        env.integer("SIGN_UPS_PER_HOUR", 20, 0, 1_000_000),
                        env.integer("TOTAL_SIGN_UPS_PER_HOUR", 1000, 0, 1_000_000)));
    }

    /** Several secrets, with spaces between, all sign: receivers change from one to the next when they like. */
    private static @Nullable WebhookSigner webhookSigner(Environment env) {
        Secret secrets = env.secret("WEBHOOK_SECRET");
        if (secrets == null) {
            return null;
        }
        try {
            return WebhookSigner.of(List.of(secrets.value().split(" +")));
        } catch (IllegalArgumentException e) {
            env.refuse("WEBHOOK_SECRET", String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static Data data(Environment env) {
        Secret url = env.secret("DATABASE_URL");
        if (url != null && DATABASES.stream().noneMatch(url.value()::startsWith)) {
            env.refuse("DATABASE_URL", "must begin with one of " + String.join(" ", DATABASES));
        }
        return new Data(env.path("TTS_DATA_DIR", "./tts-data"), url);
    }

    private static Provider provider(Environment env) {
        return new Provider(
                env.apiKey("OPENAI_API_KEY"),
                env.webAddress("OPENAI_BASE_URL"),
                env.made("TTS_MODEL", Voice.DEFAULT_MODEL, Settings::model),
                voiceNames(env),
                limit(env),
                prices(env),
                fallback(env));
    }

    private static @Nullable Fallback fallback(Environment env) {
        Secret key = env.apiKey("TTS_FALLBACK_API_KEY");
        URI baseUrl = env.webAddress("TTS_FALLBACK_BASE_URL");
        Map<String, String> voices = new TreeMap<>();
        for (String pair : env.text("TTS_FALLBACK_VOICES", "").split(",")) {
            String[] names = pair.strip().split("=", -1);
            if (names.length == 2 && isVoice(names[0]) && isVoice(names[1])) {
                voices.put(names[0].strip(), names[1].strip());
            } else if (!pair.isBlank()) {
                env.refuse("TTS_FALLBACK_VOICES", "must be pairs of voices such as alloy=af_heart,verse=ff_siwis");
                break;
            }
        }
        String model = env.text("TTS_FALLBACK_MODEL");
        if (key == null && baseUrl == null && (!voices.isEmpty() || model != null)) {
            env.refuse(
                    voices.isEmpty() ? "TTS_FALLBACK_MODEL" : "TTS_FALLBACK_VOICES",
                    "means nothing without TTS_FALLBACK_BASE_URL or TTS_FALLBACK_API_KEY");
        } else if (voices.isEmpty() && model != null) {
            env.refuse("TTS_FALLBACK_MODEL", "is of the voices in TTS_FALLBACK_VOICES, which are not set");
        }
        Double requests = env.positive("TTS_FALLBACK_REQUESTS_PER_MINUTE");
        RateLimit limit = RateLimit.perMinute(requests == null ? 120 : requests)
                .withProbeInterval(Duration.ofSeconds(env.integer("TTS_PROBE_INTERVAL_SECONDS", 60, 1, 86_400)));
        String own = env.made("TTS_MODEL", Voice.DEFAULT_MODEL, Settings::model);
        String other = env.made("TTS_FALLBACK_MODEL", own, Settings::model);
        return key == null && baseUrl == null ? null : new Fallback(key, baseUrl, other, voices, limit);
    }

    private static boolean isVoice(String name) {
        return !name.isBlank() && name.length() <= 200 && name.chars().noneMatch(Character::isISOControl);
    }

    private static PriceList prices(Environment env) {
        String name = "TTS_PRICE_PER_MILLION_CHARACTERS";
        return "auto".equals(env.text(name))
                ? PriceList.OPENAI
                : PriceList.flat(env.price(name, BigDecimal.valueOf(15)));
    }

    private static String model(String name) {
        return Voice.of("alloy").withModel(name).model();
    }

    private static Map<String, String> voiceNames(Environment env) {
        String prefix = "TTS_VOICE_";
        Map<String, String> voices = new TreeMap<>(Map.of("default", "alloy", "en", "alloy", "fr", "verse"));
        for (String name : env.namesWith(prefix)) {
            String language =
                    name.substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '-');
            if (!language.equals("default") && !Phrase.isLanguage(language)) {
                env.refuse(name, "must end in a language such as DE or PT_BR");
            }
            voices.put(
                    language, env.made(name, "alloy", voice -> Voice.of(voice).name()));
        }
        return voices;
    }

    private static RateLimit limit(Environment env) {
        boolean auto = "auto".equals(env.text("TTS_REQUESTS_PER_MINUTE"));
        // The provider's first paid tier; its headers lower that where the account has less, and raise it where it has
        // more.
        Double requests = auto ? Double.valueOf(500) : env.positive("TTS_REQUESTS_PER_MINUTE");
        Duration probe = Duration.ofSeconds(env.integer("TTS_PROBE_INTERVAL_SECONDS", 60, 1, 86_400));
        RateLimit rate = RateLimit.perMinute(requests == null ? 120 : requests);
        return (auto ? rate.withMostPerMinute(MOST_REQUESTS) : rate)
                .withTokensPerMinute(env.positive("TTS_TOKENS_PER_MINUTE"))
                .withBurst(env.integer("TTS_BURST", 1, 1, 10_000))
                .withProbeInterval(probe);
    }

    private static Work work(Environment env) {
        boolean auto = "auto".equals(env.text("TTS_CONCURRENCY"));
        return new Work(
                env.flag("WORKER_ENABLED", true),
                auto ? 0 : env.integer("TTS_CONCURRENCY", 0, 1, 64),
                env.integer("TTS_MAX_ATTEMPTS", 5, 1, 100),
                Duration.ofMillis(env.integer("POLL_INTERVAL_MS", 5000, 10, 3_600_000)),
                Duration.ofDays(env.integer("TTS_JOB_RETENTION_DAYS", 30, 1, 36_500)),
                env.text("WORKER_PORT") == null ? null : env.integer("WORKER_PORT", 0, 0, 65_535));
    }

    private static Limits limits(Environment env) {
        int jobs = env.integer("TTS_TOTAL_JOBS_PER_DAY", 0, 0, Integer.MAX_VALUE);
        return new Limits(
                env.integer("TTS_MAX_PHRASES_PER_JOB", 200, 1, 100_000),
                env.integer("TTS_MAX_TEXT_LENGTH", 20_000, 1, 1_000_000),
                env.integer("TTS_MAX_JOBS_PER_DAY", 5, 0, 1_000_000),
                new Quotas.Limits(
                        null, count(env, "TTS_MAX_CHARACTERS_PER_DAY"), dollars(env, "TTS_MAX_USD_PER_MONTH")),
                new Quotas.Limits(
                        jobs == 0 ? null : jobs,
                        count(env, "TTS_TOTAL_CHARACTERS_PER_DAY"),
                        dollars(env, "TTS_TOTAL_USD_PER_MONTH")),
                RetryPolicy.Rounds.of(env.integer("TTS_JOB_RETRIES", 0, 0, 20)));
    }

    private static @Nullable Long count(Environment env, String name) {
        int most = env.integer(name, 0, 0, Integer.MAX_VALUE);
        return most == 0 ? null : Long.valueOf(most);
    }

    private static @Nullable BigDecimal dollars(Environment env, String name) {
        BigDecimal most = env.price(name, BigDecimal.ZERO);
        return most.signum() == 0 ? null : most;
    }

    private static Storage storage(Environment env) {
        StorageType type = env.oneOf("STORAGE_TYPE", StorageType.class, StorageType.LOCAL);
        String bucket = env.text("AWS_S3_BUCKET");
        if (type == StorageType.S3 && bucket == null) {
            env.refuse("AWS_S3_BUCKET", "must name the bucket when STORAGE_TYPE is s3");
        }
        return new Storage(
                type,
                env.path("LOCAL_STORAGE_PATH", "./storage/tts"),
                env.webAddress("PUBLIC_BASE_URL"),
                bucket,
                env.webAddress("AWS_ENDPOINT_URL_S3"));
    }

    private static LogFormat logFormat(Environment env) {
        return env.oneOf("LOG_FORMAT", LogFormat.class, LogFormat.TEXT);
    }
}
