package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.speech.Voices;
import dev.ttsjobs.text.SpokenText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What {@code generate} and {@code estimate} are asked for, checked as a whole.
 *
 * @param priority null to go by the deck
 * @param webhookUrl null for none
 * @param voices by language, where another than the configured one is to speak
 */
record JobBody(
        String deckId,
        List<Phrase> phrases,
        @Nullable Priority priority,
        @Nullable String webhookUrl,
        Map<String, Voice> voices) {

    private static final int LONGEST_ID = 200;
    private static final int LONGEST_URL = 2000;
    private static final int MOST_LANGUAGES = 50;

    /** The short names of the source system, and the languages they stand for. */
    private static final Map<String, String> SHORT_NAMES = new TreeMap<>(Map.of("textEn", "en", "textFr", "fr"));

    JobBody {
        voices = Map.copyOf(voices);
    }

    /** @throws Problem 400 with everything that is wrong */
    static JobBody read(JsonNode body, Settings settings) {
        Fields fields = Fields.of(body);
        String deckId = fields.required("deckId", LONGEST_ID);
        List<Phrase> phrases = phrases(fields, settings.limits());
        JobBody read = new JobBody(
                deckId,
                phrases,
                priority(fields),
                webhookUrl(fields, settings.web()),
                voices(fields, settings.provider()));
        fields.check();
        return read;
    }

    /** The name of a text that clients know it by: {@code phrases[3].textFr} for {@code phrases[3].texts.fr}. */
    static String clientName(String field) {
        return SHORT_NAMES.entrySet().stream()
                .filter(name -> field.endsWith(".texts." + name.getValue()))
                .map(name -> field.substring(0, field.lastIndexOf("texts.")) + name.getKey())
                .findFirst()
                .orElse(field);
    }

    private static List<Phrase> phrases(Fields fields, Settings.Limits limits) {
        List<JsonNode> nodes = fields.array("phrases", limits.phrasesPerJob());
        if (nodes.isEmpty() && fields.has("phrases") && isEmptyArray(fields.get("phrases"))) {
            fields.refuse("phrases", "empty", "there is no phrase");
        }
        List<Phrase> phrases = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            String place = "phrases[" + i + "]";
            Fields phrase = fields.inside(nodes.get(i), place);
            String cardId = phrase.optional("cardId", LONGEST_ID);
            Map<String, String> texts = texts(phrase, limits.textLength());
            if (!texts.isEmpty()) {
                phrases.add(new Phrase(cardId, texts));
            } else if (nodes.get(i).isObject()) {
                fields.refuse(place, "empty", "has no text");
            }
        }
        return phrases;
    }

    private static boolean isEmptyArray(@Nullable JsonNode node) {
        return node != null && node.isArray() && node.isEmpty();
    }

    private static Map<String, String> texts(Fields phrase, int longest) {
        Map<String, String> texts = new LinkedHashMap<>();
        SHORT_NAMES.forEach((name, language) -> {
            JsonNode text = phrase.get(name);
            if (text != null && !text.isNull()) {
                texts.put(language, spoken(phrase, name, text, longest));
            }
        });
        JsonNode more = phrase.get("texts");
        if (more == null || more.isNull()) {
            return texts;
        }
        if (!more.isObject() || more.size() > MOST_LANGUAGES) {
            phrase.refuse(
                    "texts",
                    "wrong_type",
                    "must be an object with a text for each language, " + MOST_LANGUAGES + " at most");
            return texts;
        }
        for (Map.Entry<String, JsonNode> text : more.properties()) {
            String language = text.getKey();
            if (!Phrase.isLanguage(language)) {
                phrase.refuse("texts", "not_a_language", "a name in it is not a language such as en or pt-BR");
                continue;
            }
            String spoken = spoken(phrase, "texts." + language, text.getValue(), longest);
            String before = texts.putIfAbsent(language, spoken);
            if (before != null && !before.equals(spoken)) {
                phrase.refuse("texts." + language, "contradiction", "differs from its short name");
            }
        }
        return texts;
    }

    /** The text as it was sent; what keeps it from being spoken is noted. */
    private static String spoken(Fields phrase, String name, JsonNode node, int longest) {
        if (!node.isTextual()) {
            phrase.refuse(name, "wrong_type", "must be a text");
            return "";
        }
        String text = SpokenText.normalize(node.textValue());
        Optional<SpokenText.Problem> problem = SpokenText.problem(text, longest);
        problem.ifPresent(found -> {
            Integer limit = found.code().equals("too_long") ? longest : null;
            phrase.refuse(name, found.code(), limit, found.message());
        });
        if (problem.isEmpty() && !Fields.isStorable(text)) {
            phrase.refuse(name, "bad_character", "the text holds a character that cannot be spoken");
        }
        return node.textValue();
    }

    private static Map<String, Voice> voices(Fields fields, Settings.Provider provider) {
        Map<String, Voice> voices = new LinkedHashMap<>();
        JsonNode chosen = fields.get("voices");
        if (chosen == null || chosen.isNull()) {
            return voices;
        }
        if (!chosen.isObject() || chosen.size() > MOST_LANGUAGES) {
            fields.refuse(
                    "voices",
                    "wrong_type",
                    "must be an object with a voice for each language, " + MOST_LANGUAGES + " at most");
            return voices;
        }
        SortedSet<String> choice = VoiceChoice.of(provider);
        for (Map.Entry<String, JsonNode> voice : chosen.properties()) {
            String language = voice.getKey();
            String name = voice.getValue().isTextual() ? voice.getValue().textValue() : "";
            if (!Phrase.isLanguage(language)) {
                fields.refuse("voices", "not_a_language", "a name in it is not a language such as en or pt-BR");
            } else if (!choice.contains(name)) {
                fields.refuse("voices." + language, "not_a_choice", "must be one of " + String.join(", ", choice));
            } else {
                voices.put(language, Voices.spoken(Voice.of(name).withModel(provider.model()), language));
            }
        }
        return voices;
    }

    private static @Nullable Priority priority(Fields fields) {
        String word = fields.optional("priority", LONGEST_ID);
        if (word == null) {
            return null;
        }
        for (Priority each : Priority.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(word)) {
                return each;
            }
        }
        fields.refuse("priority", "not_a_choice", "must be low, normal or high");
        return null;
    }

    private static @Nullable String webhookUrl(Fields fields, Settings.Web web) {
        String url = fields.optional("webhookUrl", LONGEST_URL);
        if (url == null) {
            return null;
        }
        if (web.webhookSigner() == null) {
            fields.refuse("webhookUrl", "no_webhooks", "this server sends no webhooks: it has no WEBHOOK_SECRET");
            return null;
        }
        web.webhookGuard().problem(url).ifPresent(words -> fields.refuse("webhookUrl", "not_an_address", words));
        return url;
    }
}
