package dev.ttsjobs;

import dev.ttsjobs.audio.AudioJoin;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.InvalidJobException;
import dev.ttsjobs.job.InvalidJobException.Problem;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.speech.Pronunciation;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.speech.Voices;
import dev.ttsjobs.text.SpokenText;
import dev.ttsjobs.text.TextCheck;
import dev.ttsjobs.text.TextSplitter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns a request into clips: texts normalised, checked, keyed, and split where they are too long for one call. */
final class JobDrafter {

    /** Attributes that only name the request. */
    private static final Set<String> NAMES = Set.of(Job.TRACEPARENT, Job.REQUEST_ID);

    private final Voices voices;
    private final Pronunciation pronunciation;
    private final String family;
    private final int maxPhrases;
    private final int maxTextLength;

    JobDrafter(Voices voices, Pronunciation pronunciation, String family, int maxPhrases, int maxTextLength) {
        this.voices = voices;
        this.pronunciation = pronunciation;
        this.family = family;
        this.maxPhrases = maxPhrases;
        this.maxTextLength = maxTextLength;
    }

    /** The phrases and clips of a request. */
    record Draft(List<Submission.Entry> phrases, Map<ClipKey, Clip> clips) {

        /** Every clip that is spoken, once: parts instead of the whole they make. */
        Map<ClipKey, Clip> spoken() {
            Map<ClipKey, Clip> spoken = new LinkedHashMap<>();
            for (Clip clip : clips.values()) {
                List<Clip> each = clip.parts().isEmpty() ? List.of(clip) : clip.parts();
                each.forEach(part -> spoken.put(part.key(), part));
            }
            return spoken;
        }

        /** The calls that a phrase stands for, by language. */
        Map<String, List<SpeechRequest>> calls(Submission.Entry phrase) {
            Map<String, List<SpeechRequest>> calls = new LinkedHashMap<>();
            phrase.sides().forEach((language, key) -> {
                Clip clip = Objects.requireNonNull(clips.get(key));
                List<Clip> each = clip.parts().isEmpty() ? List.of(clip) : clip.parts();
                calls.put(
                        language,
                        each.stream()
                                .map(part -> new SpeechRequest(part.text(), part.voice()))
                                .toList());
            });
            return calls;
        }
    }

    /** @throws InvalidJobException with everything that is wrong with the request */
    Draft draft(JobRequest request) {
        Objects.requireNonNull(request, "request");
        List<Problem> problems = new ArrayList<>();
        List<Phrase> phrases = request.phrases();
        if (phrases.size() > maxPhrases) {
            throw new InvalidJobException(List.of(new Problem(
                    "phrases",
                    "too_many",
                    "there are " + phrases.size() + " phrases, and at most " + maxPhrases + " are taken")));
        }
        Map<ClipKey, Clip> clips = new LinkedHashMap<>();
        List<Submission.Entry> entries = new ArrayList<>(phrases.size());
        for (int i = 0; i < phrases.size(); i++) {
            Map<String, ClipKey> sides = new LinkedHashMap<>();
            for (Map.Entry<String, String> text : phrases.get(i).texts().entrySet()) {
                String field = field(i, text.getKey());
                Clip clip = clip(request, text.getKey(), text.getValue(), field, problems);
                if (clip != null) {
                    clips.putIfAbsent(clip.key(), clip);
                    sides.put(text.getKey(), clip.key());
                }
            }
            entries.add(new Submission.Entry(phrases.get(i).itemId(), sides));
        }
        if (!problems.isEmpty()) {
            throw new InvalidJobException(problems);
        }
        return new Draft(entries, clips);
    }

    /** The texts of a request as they were written, each with its place, for those who look at them. */
    static List<TextCheck.Text> texts(JobRequest request) {
        List<TextCheck.Text> texts = new ArrayList<>();
        for (int i = 0; i < request.phrases().size(); i++) {
            int index = i;
            request.phrases()
                    .get(i)
                    .texts()
                    .forEach((language, text) -> texts.add(new TextCheck.Text(field(index, language), language, text)));
        }
        return texts;
    }

    private static String field(int phrase, String language) {
        return "phrases[" + phrase + "].texts." + language;
    }

    private @Nullable Clip clip(JobRequest request, String language, String raw, String field, List<Problem> problems) {
        String written = SpokenText.normalize(raw);
        Optional<SpokenText.Problem> problem = SpokenText.problem(written, maxTextLength);
        if (problem.isPresent()) {
            problems.add(new Problem(field, problem.get().code(), problem.get().message()));
            return null;
        }
        String text;
        try {
            text = pronunciation.apply(language, written);
        } catch (Pronunciation.RuleException e) {
            problems.add(new Problem(field, "pronunciation", String.valueOf(e.getMessage())));
            return null;
        }
        Optional<SpokenText.Problem> made = SpokenText.problem(text, maxTextLength);
        if (made.isPresent()) {
            problems.add(new Problem(
                    field,
                    "pronunciation",
                    "as the pronunciation rules have it, " + made.get().message()));
            return null;
        }
        Voice voice = voice(request, language);
        TextSplitter splitter = voice.splitter();
        if (splitter.fits(text)) {
            return spoken(voice, text);
        }
        if (!AudioJoin.canJoin(voice.format())) {
            problems.add(new Problem(
                    field,
                    "not_joinable",
                    "the text is too long for one call, and " + voice.format().wireName()
                            + " audio cannot be joined from parts: use mp3 or wav"));
            return null;
        }
        List<Clip> parts = splitter.split(text, Locale.forLanguageTag(language)).stream()
                .map(part -> spoken(voice, part))
                .toList();
        if (parts.size() == 1) {
            return parts.get(0);
        }
        ClipKey key = ClipKey.ofParts(parts.stream().map(Clip::key).toList());
        return new Clip(key, text, voice, SpokenText.tokens(text), parts);
    }

    private Voice voice(JobRequest request, String language) {
        String tag = language.toLowerCase(Locale.ROOT);
        Voice exact = request.voices().get(tag);
        Voice own = exact != null ? exact : request.voices().get(tag.split("-", 2)[0]);
        return own != null ? own : voices.forLanguage(language);
    }

    private Clip spoken(Voice voice, String text) {
        return Clip.spoken(family, voice, text);
    }

    /** What makes a repeated request the same one: everything that was asked for, except the names of the request. */
    static String fingerprint(JobRequest request, Draft draft) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, request.details().owner());
            add(digest, String.valueOf(request.details().reference()));
            add(digest, request.details().priority().name());
            new TreeMap<>(request.details().attributes()).forEach((name, value) -> {
                if (!NAMES.contains(name)) {
                    add(digest, name);
                    add(digest, value);
                }
            });
            for (Submission.Entry phrase : draft.phrases()) {
                add(digest, "phrase " + phrase.sides().size());
                add(digest, String.valueOf(phrase.itemId()));
                phrase.sides().forEach((language, key) -> {
                    add(digest, language);
                    add(digest, key.hex());
                });
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void add(MessageDigest digest, String field) {
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
        digest.update((byte) ':');
        digest.update(bytes);
    }
}
