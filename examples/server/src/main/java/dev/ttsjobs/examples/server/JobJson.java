package dev.ttsjobs.examples.server;

import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.storage.AudioName;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Jobs in the shape that clients know. Thread-safe. */
final class JobJson {

    private final Function<AudioName, URI> address;
    private final PriceList prices;
    private final String model;

    /** @param address where a stored file can be fetched */
    JobJson(Function<AudioName, URI> address, PriceList prices, String model) {
        this.address = address;
        this.prices = prices;
        this.model = model;
    }

    Map<String, Object> job(Job job, List<PhraseResult> results) {
        Job.Progress progress = job.progress();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", job.id().toString());
        json.put("deckId", job.details().reference());
        json.put("status", word(job.status()));
        json.put("priority", word(job.details().priority()));
        json.put("totalPhrases", progress.total());
        json.put("processedCount", progress.processed());
        json.put("failedCount", progress.failed());
        json.put("errorMessage", progress.errorMessage());
        json.put("waitingFor", waitingFor(progress.waitingFor()));
        json.put("resultUrls", results.stream().map(this::result).toList());
        json.put("usage", cost(job.usage(), Savings.of(job, results)));
        json.put("createdAt", time(job.timeline().createdAt()));
        json.put("startedAt", time(job.timeline().startedAt()));
        json.put("completedAt", time(job.timeline().completedAt()));
        return json;
    }

    /** The characters of some usage, and what they cost or would have cost by the price list. */
    Map<String, Object> cost(Usage usage, long savedCharacters) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("characters", usage.characters());
        json.put("billedCharacters", usage.billedCharacters());
        json.put("estimatedCostUsd", usd(prices.cost(model, usage)));
        json.put("savedUsd", usd(prices.cost(model, savedCharacters)));
        return json;
    }

    private Map<String, Object> result(PhraseResult result) {
        Map<String, Object> audio = new LinkedHashMap<>();
        Map<String, Object> errors = new LinkedHashMap<>();
        result.sides().forEach((language, side) -> {
            PhraseResult.Audio made = side.audio();
            if (made != null) {
                audio.put(language, audio(made));
            }
            if (side.failure() != null) {
                errors.put(
                        language, failure(side.failure().code(), side.failure().message()));
            }
        });
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("index", result.index());
        json.put("cardId", result.itemId());
        json.put("audioUrlEn", url(result, "en"));
        json.put("audioUrlFr", url(result, "fr"));
        json.put("audio", audio);
        json.put("errors", errors);
        return json;
    }

    /** Where a side of a phrase can be heard; null while it cannot. */
    @Nullable
    String url(PhraseResult result, String language) {
        PhraseResult.Side side = result.sides().get(language);
        PhraseResult.Audio audio = side == null ? null : side.audio();
        return audio == null ? null : address.apply(audio.name()).toString();
    }

    private Map<String, Object> audio(PhraseResult.Audio made) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("url", address.apply(made.name()).toString());
        json.put("durationMs", made.duration().toMillis());
        json.put("bytes", made.bytes());
        json.put("cached", made.cached());
        return json;
    }

    private static @Nullable Object waitingFor(Job.@Nullable WaitingFor waiting) {
        if (waiting == null) {
            return null;
        }
        Map<String, Object> json =
                failure(waiting.failure().code(), waiting.failure().message());
        json.put("since", time(waiting.since()));
        return json;
    }

    private static Map<String, Object> failure(String code, String message) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("code", code);
        json.put("message", message);
        return json;
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static @Nullable String time(@Nullable Instant instant) {
        return instant == null ? null : DateTimeFormatter.ISO_INSTANT.format(instant);
    }

    /** A plain number: 0.0003, not 3.00E-4. */
    static BigDecimal usd(BigDecimal amount) {
        BigDecimal stripped = amount.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
}
