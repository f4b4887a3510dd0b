package dev.ttsjobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.cost.CostEstimate;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.InvalidJobException;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.Pronunciation;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.speech.Voices;
import dev.ttsjobs.testing.TtsHarness;
import dev.ttsjobs.text.TextCheck;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The library as a host uses it, with everything in memory. */
class SpeechJobsTest {

    private static final Failure QUOTA = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");

    private final TtsHarness tts = TtsHarness.inMemory();

    @Test
    void aTextInTheWrongColumnIsTakenAndItsAuthorIsTold() {
        JobRequest swapped = JobRequest.builder("alice")
                .phrase(Phrase.of("1", "en", "Good morning").and("fr", "Bonjour"))
                .phrase(Phrase.of("2", "en", "See you!").and("fr", "Where is the station?"))
                .build();

        JobStore.Receipt receipt = tts.jobs().submit(swapped);

        TextCheck.Finding english = TextCheck.Finding.warning(
                "phrases[1].texts.fr", "looks_english", "looks like English, where French is meant");
        assertEquals(List.of(english), receipt.warnings());
        assertEquals(List.of(english), tts.jobs().check(swapped));
        assertTrue(tts.jobs().find(receipt.id()).isPresent());
    }

    @Test
    void whatTheHostsOwnCheckRefusesIsNeitherWrittenNorAskedForTwice() {
        List<List<TextCheck.Text>> asked = new ArrayList<>();
        TextCheck moderation = texts -> {
            asked.add(texts);
            return texts.stream()
                    .filter(text -> text.text().contains("forbidden"))
                    .map(text -> TextCheck.Finding.refusal(text.field(), "moderation", "is not spoken here"))
                    .toList();
        };
        SpeechJobs jobs = SpeechJobs.builder(tts.queue())
                .textCheck(TextCheck.standard().and(moderation))
                .build();

        InvalidJobException refusal = assertThrows(
                InvalidJobException.class,
                () -> jobs.submit(JobRequest.builder("alice")
                        .phrase(Phrase.of("1", "en", "Good morning"))
                        .phrase(Phrase.of("2", "de", "the forbidden word"))
                        .build()));

        assertEquals(
                List.of(new InvalidJobException.Problem("phrases[1].texts.de", "moderation", "is not spoken here")),
                refusal.problems());
        assertEquals(
                List.of(List.of(
                        new TextCheck.Text("phrases[0].texts.en", "en", "Good morning"),
                        new TextCheck.Text("phrases[1].texts.de", "de", "the forbidden word"))),
                asked);
        assertEquals(List.of(), jobs.list(JobQuery.ofOwner("alice", 1)));
    }

    @Test
    void aCheckThatIsDownSaysSoToTheCallerAndNothingIsWritten() {
        SpeechJobs jobs = SpeechJobs.builder(tts.queue())
                .textCheck(texts -> {
                    throw new IllegalStateException("the moderation service is down");
                })
                .build();

        assertThrows(
                IllegalStateException.class, () -> jobs.submit(deck("alice").build()));
        assertEquals(List.of(), jobs.list(JobQuery.ofOwner("alice", 1)));
    }

    @Test
    void aDeckBecomesAudioAndEachDistinctTextIsBoughtOnce() throws Exception {
        JobId first = submit(deck("alice").build());
        JobId second = submit(deck("bob").build());
        tts.drain();

        for (JobId id : List.of(first, second)) {
            Job job = tts.jobs().find(id).orElseThrow();
            assertEquals(JobStatus.COMPLETED, job.status());
            assertEquals(new Job.Progress(3, 3, 0, null, null), job.progress());
        }
        assertEquals(5, tts.synthesizer().calls().size());
        PhraseResult.Audio audio =
                tts.jobs().results(first).get(0).sides().get("fr").audio();
        assertNotNull(audio);
        try (InputStream in = tts.storage().open(audio.name())) {
            assertEquals(audio.bytes(), in.readAllBytes().length);
        }
        assertEquals(0, tts.jobs().usage("bob").billedClips());
    }

    @Test
    void callsKeepTheDefaultPaceOfTwoASecond() {
        Instant start = tts.time().instant();
        submit(numbered(21));
        tts.drain();
        long millis = Duration.between(start, tts.time().instant()).toMillis();
        assertTrue(millis >= 10_000 && millis <= 10_200, "20 gaps took " + millis + " ms");
    }

    @Test
    void languagesSpeakWithTheirVoicesAndOddSpacesAreOneText() {
        submit(JobRequest.builder("alice")
                .phrase(Phrase.of("1", "en", "Hello!").and("fr", "Bonjour\u00a0!"))
                .phrase(Phrase.of("2", "fr", "  Bonjour\u202f! ").and("de", "Guten Tag"))
                .build());
        tts.drain();
        List<SpeechRequest> calls = tts.synthesizer().calls();
        assertEquals(
                List.of("Hello!", "Bonjour !", "Guten Tag"),
                calls.stream().map(SpeechRequest::text).toList());
        assertEquals(
                List.of("alloy", "verse", "alloy"),
                calls.stream().map(call -> call.voice().name()).toList());
        assertEquals(
                "Speak French as a native speaker does.", calls.get(1).voice().instructions());
        assertEquals(
                "Speak German as a native speaker does.", calls.get(2).voice().instructions());
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnceAndNothingIsWritten() {
        JobRequest bad = JobRequest.builder("alice")
                .phrase("1", "en", " \u00a0 ")
                .phrase("2", "en", "?!…")
                .phrase("3", "en", "tenth \ud83d")
                .phrase("4", "en", "fine")
                .phrase("5", "en", "x".repeat(1_000_001))
                .build();
        InvalidJobException invalid = assertThrows(InvalidJobException.class, () -> submit(bad));
        assertEquals(
                List.of("phrases[0].texts.en", "phrases[1].texts.en", "phrases[2].texts.en", "phrases[4].texts.en"),
                invalid.problems().stream()
                        .map(InvalidJobException.Problem::field)
                        .toList());
        assertFalse(invalid.getMessage().contains("tenth"));
        assertEquals(0, tts.drain());
    }

    @Test
    void aTextOfAnyLengthIsOneFile() throws Exception {
        String text = "This sentence is said over and over again. ".repeat(300).strip();
        JobId id = submit(JobRequest.builder("alice").phrase("1", "en", text).build());
        tts.drain();
        PhraseResult.Audio audio =
                tts.jobs().results(id).get(0).sides().get("en").audio();
        assertNotNull(audio);
        // The sentence is one text wherever it is cut, so equal parts are bought once.
        int spoken = tts.synthesizer().calls().stream()
                .mapToInt(call -> call.text().length())
                .sum();
        assertTrue(spoken > 0 && spoken <= text.length());
        assertTrue(
                tts.synthesizer().calls().stream().allMatch(call -> call.text().length() <= 4096));
        assertTrue(audio.duration().toSeconds() >= text.length() / 16);
        try (InputStream in = tts.storage().open(audio.name())) {
            assertEquals(audio.bytes(), in.readAllBytes().length);
        }
    }

    @Test
    void aLongTextInAFormatThatCannotBeJoinedIsRefused() {
        JobRequest opus = JobRequest.builder("alice")
                .voice("en", Voice.of("alloy").withFormat(AudioFormat.OPUS))
                .phrase("1", "en", "Word. ".repeat(2000))
                .build();
        assertTrue(assertThrows(InvalidJobException.class, () -> submit(opus))
                .getMessage()
                .contains("opus"));
    }

    @Test
    void aFailureIsTriedAgainAndThenGivenUp() {
        Failure server = Failure.of(FailureKind.SERVER, "server_error", "boom");
        tts.synthesizer().failText("bad", server);
        JobId id = submit(JobRequest.builder("alice")
                .phrase("1", "en", "bad")
                .phrase("2", "en", "good")
                .build());
        tts.drain();
        assertEquals(6, tts.synthesizer().calls().size());
        Job job = tts.jobs().find(id).orElseThrow();
        assertEquals(JobStatus.COMPLETED, job.status());
        assertEquals(
                "1 of 2 phrases lack some audio. server_error: boom",
                job.progress().errorMessage());
        tts.synthesizer().recover();
        assertTrue(tts.jobs().retry(id));
        tts.drain();
        assertEquals(7, tts.synthesizer().calls().size());
        assertEquals(0, tts.jobs().find(id).orElseThrow().progress().failed());
    }

    @Test
    void aJobThatHasFailedIsTriedAgainByTheWorkerWithoutAWord() {
        tts.synthesizer().failText("bad", Failure.of(FailureKind.SERVER, "server_error", "boom"));
        SpeechJobs patient = SpeechJobs.builder(tts.queue())
                .retries(new RetryPolicy.Rounds(2, Duration.ofMinutes(10)))
                .build();
        JobId id = patient.submit(
                        JobRequest.builder("alice").phrase("1", "en", "bad").build())
                .id();
        tts.drain();
        assertEquals(JobStatus.FAILED, tts.jobs().find(id).orElseThrow().status());
        tts.time().advance(Duration.ofMinutes(11));
        tts.drain();
        assertEquals(10, tts.synthesizer().calls().size(), "all attempts once more");
        tts.synthesizer().recover();
        tts.time().advance(Duration.ofMinutes(41));
        tts.drain();
        assertEquals(11, tts.synthesizer().calls().size());
        assertEquals(JobStatus.COMPLETED, tts.jobs().find(id).orElseThrow().status());
    }

    @Test
    void aRejectedTextCostsOneCall() {
        tts.synthesizer().failText("bad", Failure.of(FailureKind.REJECTED, "bad_text", "no"));
        JobId id = submit(JobRequest.builder("alice").phrase("1", "en", "bad").build());
        tts.drain();
        assertEquals(1, tts.synthesizer().calls().size());
        assertEquals(JobStatus.FAILED, tts.jobs().find(id).orElseThrow().status());
    }

    @Test
    void anEmptyPurseCostsOneCallAndPausesEverything() {
        tts.synthesizer().failNext(QUOTA, QUOTA);
        JobId id = submit(numbered(50));
        tts.drain();
        assertEquals(1, tts.synthesizer().calls().size());
        Job waiting = tts.jobs().find(id).orElseThrow();
        assertEquals(JobStatus.PROCESSING, waiting.status());
        assertNotNull(waiting.progress().waitingFor());
        assertEquals(QUOTA, waiting.progress().waitingFor().failure());

        tts.time().advance(Duration.ofSeconds(61));
        tts.drain();
        assertEquals(2, tts.synthesizer().calls().size(), "one probe");
        tts.time().advance(Duration.ofSeconds(61));
        tts.drain();
        assertEquals(52, tts.synthesizer().calls().size());
        assertEquals(JobStatus.COMPLETED, tts.jobs().find(id).orElseThrow().status());
    }

    @Test
    void anOutageOfThreeDaysLosesNothingWhateverProbesMeet() {
        Failure down = Failure.of(FailureKind.OUTAGE, "unreachable", "connection refused");
        Failure[] probes = {
            down,
            Failure.of(FailureKind.SERVER, "bad_gateway", "an error page"),
            Failure.of(FailureKind.TRANSPORT, "connection_cut", "the connection broke in the answer")
        };
        tts.synthesizer().failNext(down);
        JobId id = submit(numbered(5));
        tts.drain();
        Instant end = tts.time().instant().plus(Duration.ofDays(3));
        while (tts.time().instant().isBefore(end)) {
            tts.synthesizer().failNext(probes[tts.synthesizer().calls().size() % 3]);
            tts.time().advance(Duration.ofSeconds(61));
            tts.drain();
        }
        int tried = tts.synthesizer().calls().size();
        assertTrue(tried > 3_000, tried + " probes");
        Job waiting = tts.jobs().find(id).orElseThrow();
        assertEquals(0, waiting.progress().processed());
        assertEquals(
                FailureKind.OUTAGE, waiting.progress().waitingFor().failure().kind());
        tts.time().advance(Duration.ofSeconds(61));
        tts.drain();
        assertEquals(0, tts.jobs().find(id).orElseThrow().progress().failed());
        assertEquals(JobStatus.COMPLETED, tts.jobs().find(id).orElseThrow().status());
        assertEquals(tried + 5, tts.synthesizer().calls().size());
    }

    /** What a provider answers may have been paid for, so it counts. */
    @Test
    void aProbeThatBringsBadAudioCostsAnAttempt() {
        tts.synthesizer().failNext(QUOTA);
        JobId id = submit(JobRequest.builder("alice").phrase("1", "en", "bad").build());
        tts.drain();
        tts.synthesizer().failText("bad", Failure.of(FailureKind.BAD_AUDIO, "not_audio", "a page"));
        for (int i = 0; i < 10; i++) {
            tts.time().advance(Duration.ofMinutes(3));
            tts.drain();
        }
        assertEquals(6, tts.synthesizer().calls().size());
        assertEquals(JobStatus.FAILED, tts.jobs().find(id).orElseThrow().status());
    }

    @Test
    void aRateLimitCostsNoAttempt() {
        Failure slower = new Failure(FailureKind.RATE_LIMITED, "rate_limit_exceeded", "slower", Duration.ofSeconds(20));
        for (int i = 0; i < 20; i++) {
            tts.synthesizer().failNext(slower);
        }
        Instant start = tts.time().instant();
        JobId id = submit(JobRequest.builder("alice").phrase("1", "en", "Hello").build());
        tts.drain();
        assertEquals(JobStatus.COMPLETED, tts.jobs().find(id).orElseThrow().status());
        assertTrue(Duration.between(start, tts.time().instant()).toSeconds() >= 400);
    }

    @Test
    void audioThatIsInTheStorageIsNotBought() {
        submit(numbered(3));
        tts.drain();
        JobQueue fresh = JobQueue.inMemory(tts.time());
        try (TtsHarness again = TtsHarness.of(tts.time(), fresh, tts.storage(), jobs -> {}, worker -> {})) {
            JobId id = again.jobs().submit(numbered(3)).id();
            again.drain();
            assertEquals(0, again.synthesizer().calls().size());
            assertEquals(
                    JobStatus.COMPLETED, again.jobs().find(id).orElseThrow().status());
            assertEquals(0, again.jobs().usage("alice").billedClips());
        }
    }

    @Test
    void theEstimateKnowsWhatIsThereAndWhatRepeats() {
        SpeechJobs old = SpeechJobs.builder(tts.queue())
                .voices(Voices.of(Voice.of("alloy").withModel("tts-1")))
                .limit(RateLimit.perMinute(120).withTokensPerMinute(300.0))
                .build();
        JobRequest request = JobRequest.builder("alice")
                .phrase("1", "en", "Hello")
                .phrase("2", "en", "Hello")
                .phrase("3", "en", "Good morning")
                .build();
        assertEquals(
                new CostEstimate(17, 2, 0, 17, exactly("0.000255"), Duration.ofMillis(1200)), old.estimate(request));
        old.submit(JobRequest.builder("bob").phrase("1", "en", "Hello").build());
        tts.drain();
        assertEquals(
                new CostEstimate(17, 2, 1, 12, exactly("0.000180"), Duration.ofMillis(800)), old.estimate(request));
        assertEquals(Duration.ofSeconds(1), tts.jobs().estimate(request).duration(), "without a limit of tokens");
        CostEstimate.Usd range = tts.jobs().estimate(request).cost();
        assertTrue(range.low().compareTo(range.likely()) < 0 && range.likely().compareTo(range.high()) < 0);
    }

    private static CostEstimate.Usd exactly(String usd) {
        return new CostEstimate.Usd(new BigDecimal(usd), new BigDecimal(usd), new BigDecimal(usd));
    }

    @Test
    void thePreviewShowsWhatIsSentAndRulesChangeNothingElse() {
        SpeechJobs ruled = SpeechJobs.builder(tts.queue())
                .pronunciation(Pronunciation.NONE.word("en", "SQL", "sequel").regex("en", "^mute$", "—"))
                .build();
        String book = "A sentence of SQL, again. ".repeat(300);
        JobRequest request = JobRequest.builder("alice")
                .phrase(Phrase.of("1", "en", " SQL\u00a0rocks").and("fr", "SQL"))
                .phrase("2", "en", book)
                .phrase("3", "en", "Hello")
                .build();
        List<Map<String, List<SpeechRequest>>> preview = ruled.preview(request);
        assertEquals(List.of("en", "fr"), List.copyOf(preview.get(0).keySet()));
        assertEquals("sequel rocks", preview.get(0).get("en").get(0).text());
        assertEquals("SQL", preview.get(0).get("fr").get(0).text());
        assertEquals("verse", preview.get(0).get("fr").get(0).voice().name());
        List<SpeechRequest> parts = preview.get(1).get("en");
        assertTrue(parts.size() > 1);
        assertEquals(
                book.replace("SQL", "sequel").strip(),
                parts.stream().map(SpeechRequest::text).collect(Collectors.joining(" ")));

        submit(JobRequest.builder("bob").phrase("1", "en", "Hello").build());
        ruled.submit(request);
        tts.drain();
        Set<SpeechRequest> shown = preview.stream()
                .flatMap(phrase -> phrase.values().stream().flatMap(List::stream))
                .collect(Collectors.toSet());
        assertEquals(shown, Set.copyOf(tts.synthesizer().calls()), "what is shown is what is sent");
        assertEquals(shown.size(), tts.synthesizer().calls().size(), "a text without rules keeps its key");

        JobRequest silent =
                JobRequest.builder("alice").phrase("1", "en", "mute").build();
        assertTrue(assertThrows(InvalidJobException.class, () -> ruled.preview(silent))
                .getMessage()
                .contains("as the pronunciation rules have it, the text needs a letter"));
    }

    @Test
    void aRuleThatRunsAwayRefusesTheTextByName() {
        SpeechJobs ruled = SpeechJobs.builder(tts.queue())
                .pronunciation(Pronunciation.NONE.regex("en", "(a+)+\\1\\?", "x"))
                .build();
        JobRequest bait = JobRequest.builder("alice")
                .phrase("1", "en", "fine")
                .phrase("2", "en", "a".repeat(60) + "!")
                .build();
        InvalidJobException invalid = assertThrows(InvalidJobException.class, () -> ruled.submit(bait));
        assertEquals("phrases[1].texts.en", invalid.problems().get(0).field());
        assertTrue(invalid.getMessage().contains("pronunciation rule 1 (en) goes over this text too often"));
    }

    @Test
    void theFingerprintTellsRequestsApart() {
        JobId id = JobId.create(tts.time().instant(), new java.util.Random(7));
        submit(JobRequest.builder("alice").id(id).phrase("1", "en", "Hello").build());
        assertTrue(tts.jobs()
                .submit(JobRequest.builder("alice")
                        .id(id)
                        .phrase("1", "en", " Hello ")
                        .build())
                .replayed());
        for (JobRequest other : List.of(
                JobRequest.builder("alice").id(id).phrase("1", "en", "Hello!").build(),
                JobRequest.builder("alice").id(id).phrase("2", "en", "Hello").build(),
                JobRequest.builder("alice").id(id).phrase("1", "fr", "Hello").build(),
                JobRequest.builder("bob").id(id).phrase("1", "en", "Hello").build(),
                JobRequest.builder("alice")
                        .id(id)
                        .reference("d")
                        .phrase("1", "en", "Hello")
                        .build())) {
            assertThrows(JobRefusedException.class, () -> submit(other));
        }
    }

    @Test
    void theVoicesOfARequestAreFoundByTagThenByLanguageToo() {
        JobRequest request = JobRequest.builder("ada")
                .voice("FR", Voice.of("nova"))
                .voice("pt", Voice.of("echo"))
                .voice("pt-PT", Voice.of("sage"))
                .phrase("1", "fr", "Bonjour")
                .phrase("2", "pt-BR", "Bom dia")
                .phrase("3", "pt-pt", "Boa noite")
                .build();

        List<String> names = tts.jobs().preview(request).stream()
                .flatMap(calls -> calls.values().stream())
                .map(calls -> calls.get(0).voice().name())
                .toList();

        assertEquals(List.of("nova", "echo", "sage"), names);
    }

    @Test
    void voicesAreFoundByTagThenByLanguage() {
        Voices voices =
                Voices.of(Voice.of("alloy")).with("PT", Voice.of("nova")).with("pt-br", Voice.of("sage"));
        assertEquals("sage", voices.forLanguage("pt-BR").name());
        assertEquals("nova", voices.forLanguage("pt-PT").name());
        assertEquals("alloy", voices.forLanguage("es").name());
    }

    private JobId submit(JobRequest request) {
        return tts.jobs().submit(request).id();
    }

    private static JobRequest.Builder deck(String owner) {
        return JobRequest.builder(owner)
                .phrase(Phrase.of("1", "en", "Good morning").and("fr", "Bonjour"))
                .phrase(Phrase.of("2", "en", "Good evening").and("fr", "Bonsoir"))
                .phrase(Phrase.of("3", "en", "Hello").and("fr", "Bonjour"));
    }

    private static JobRequest numbered(int count) {
        JobRequest.Builder request = JobRequest.builder("alice");
        for (int i = 0; i < count; i++) {
            request.phrase("card-" + i, "en", "Sentence number " + i);
        }
        return request.build();
    }
}
