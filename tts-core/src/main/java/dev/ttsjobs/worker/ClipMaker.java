package dev.ttsjobs.worker;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.audio.AudioJoin;
import dev.ttsjobs.audio.BadAudioException;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One turn with one clip, in the order that keeps the promise: look in the storage, pass the gate (a time slot, and the
 * attempt on record), call, verify, store. Touches no database. Thread-safe.
 */
final class ClipMaker {

    private static final Logger log = LoggerFactory.getLogger(ClipMaker.class);
    private static final int BUFFER = 16 * 1024;
    /** The most that is held in memory while a disk is full, in bytes: of a small heap a small part. */
    private static final long MOST_HELD =
            Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 16);

    private static final Failure WORKER_DIED = Failure.of(
            FailureKind.UNAVAILABLE,
            "worker_died",
            "every attempt at this text ended with the death of the worker's process");
    private static final Failure PART_LOST = Failure.of(
            FailureKind.STORAGE, "part_lost", "the audio of a part was no longer in the storage and was made again");
    private static final Duration BAD_FILE_REST = Duration.ofSeconds(30);
    private static final Duration FOUND_REST = Duration.ofMillis(1);
    private static final Duration AFTER_OUTAGE = Duration.ofMillis(5_500);

    private final AudioStorage storage;
    private final SpeechSynthesizer synthesizer;
    private final RetryPolicy retry;
    private final RandomGenerator random;
    private final Sleeper sleeper;
    private final Duration probeInterval;
    private final StandIn standIn;
    private final StorageOutage outage;
    private final Suspects suspects = new Suspects();
    private final AtomicLong memory = new AtomicLong(MOST_HELD);
    /** What was damaged in the storage and deleted, to be made again once. */
    private final Set<AudioName> replaced = ConcurrentHashMap.newKeySet();

    ClipMaker(
            AudioStorage storage,
            SpeechSynthesizer synthesizer,
            RetryPolicy retry,
            RandomGenerator random,
            Sleeper sleeper,
            Duration probeInterval,
            StandIn standIn,
            StorageOutage outage) {
        this.storage = storage;
        this.synthesizer = synthesizer;
        this.retry = retry;
        this.random = random;
        this.sleeper = sleeper;
        this.probeInterval = probeInterval;
        this.standIn = standIn;
        this.outage = outage;
    }

    StorageOutage outage() {
        return outage;
    }

    /** What stands between a clip and its call. */
    interface Gate {

        /** Waits for the clip's time slot and puts the attempt on record; says whether the call may be made. */
        Pass pass(Lease lease) throws InterruptedException;
    }

    /** Whether a call may be made. */
    enum Pass {
        NO,
        YES,
        /** It finds out whether a paused account works again. */
        AS_A_PROBE
    }

    /**
     * What came of a turn.
     *
     * @param outcome for the queue
     * @param hints what the provider said, when a call was made and brought audio; null otherwise
     * @param failure what the account has to know, when a call failed; null otherwise
     */
    record Report(
            Outcome outcome,
            @Nullable ProviderHints hints,
            @Nullable Failure failure) {}

    Report make(Lease lease, Gate gate, CallHandle handle) throws InterruptedException {
        Report report = makeTarget(lease, gate, handle);
        if (lease.instead() == null || !(report.outcome() instanceof Outcome.GivenUp givenUp)) {
            return report;
        }
        // That another cannot say it is no reason to give it up: it waits for its own account.
        log.warn(
                "clip {} cannot be made as {} and waits for its own account: {}",
                lease.clip().key(),
                lease.target().key(),
                givenUp.failure().message());
        standIn.leave(lease.clip().key());
        return new Report(new Outcome.Released(lease, ownAccountRest()), null, report.failure());
    }

    private Duration ownAccountRest() {
        return probeInterval.dividedBy(2);
    }

    private Report makeTarget(Lease lease, Gate gate, CallHandle handle) throws InterruptedException {
        if (lease.verdict() != null) {
            return new Report(new Outcome.GivenUp(lease, lease.verdict()), null, null);
        }
        Clip clip = lease.target();
        AudioName name = nameOf(clip);
        try {
            if (lease.instead() != null && stored(nameOf(lease.clip())).isPresent()) {
                standIn.leave(lease.clip().key());
                return new Report(new Outcome.Released(lease, FOUND_REST), null, null);
            }
            Optional<AudioFacts> stored = stored(name);
            if (stored.isPresent()) {
                // An attempt on record means that an earlier turn paid for it and died before it could say so.
                return new Report(new Outcome.Made(lease, stored.get(), lease.attempts() > 0), null, null);
            }
            return clip.parts().isEmpty() ? speak(lease, clip, gate, handle) : joined(lease, name, gate, handle);
        } catch (StorageException e) {
            return storageFailed(lease, e);
        } catch (HopelessException e) {
            return failed(lease, e.failure, lease.attempts(), false);
        }
    }

    /** What was claimed, as this worker makes it. */
    List<Lease> ready(List<Lease> claimed) {
        return standIn.ready(claimed);
    }

    private static AudioName nameOf(Clip clip) {
        return AudioName.of(clip.key().hex(), clip.voice().format());
    }

    private Report joined(Lease lease, AudioName name, Gate gate, CallHandle handle) throws InterruptedException {
        Clip clip = lease.clip();
        try {
            return new Report(new Outcome.Made(lease, join(clip, name), false), null, null);
        } catch (StorageException | HopelessException e) {
            Optional<Clip> lost = clip.parts().stream()
                    .filter(part -> stored(nameOf(part)).isEmpty())
                    .findFirst();
            if (lost.isEmpty()) {
                throw e;
            }
            log.warn(
                    "the audio of part {} is gone and is made again", lost.get().key());
            Report report = speak(lease, lost.get(), gate, handle);
            return report.outcome() instanceof Outcome.Made
                    ? new Report(new Outcome.Again(lease, PART_LOST, Duration.ZERO), report.hints(), null)
                    : report;
        }
    }

    /** Has a text spoken: the leased clip's own, or that of a part of it. */
    private Report speak(Lease lease, Clip clip, Gate gate, CallHandle handle) throws InterruptedException {
        if (!standIn.speaks(clip)) {
            // It waits for an account of its own family, and is out of the way meanwhile.
            return new Report(new Outcome.Released(lease, ownAccountRest()), null, null);
        }
        if (lease.attempts() >= retry.maxAttempts()) {
            // Outcomes never leave so many on record: the process died each time before it could say what came of it.
            return new Report(new Outcome.GivenUp(lease, WORKER_DIED), null, null);
        }
        Pass pass = outage.isOn() ? Pass.NO : gate.pass(lease);
        return pass == Pass.NO || outage.isOn()
                ? new Report(new Outcome.Released(lease), null, null)
                : call(lease, clip, handle, pass == Pass.AS_A_PROBE);
    }

    /**
     * The facts of audio that is there already; what is there but damaged is removed, to be made again.
     *
     * @throws HopelessException when that was done before, and it is damaged again: something else spoils it
     */
    private Optional<AudioFacts> stored(AudioName name) {
        try {
            if (storage.find(name).isEmpty()) {
                return Optional.empty();
            }
            try (InputStream in = storage.open(name)) {
                return Optional.of(AudioInspector.inspect(in, name.format()));
            }
        } catch (BadAudioException | StorageException.NoAudio e) {
            remove(name, String.valueOf(e.getMessage()));
            return Optional.empty();
        } catch (IOException e) {
            throw new StorageException("stored audio could not be read", e);
        }
    }

    private void remove(AudioName name, String damage) {
        if (!replaced.add(name)) {
            // Forgotten now, so that whoever asks for the clip once more gets another try.
            replaced.remove(name);
            throw new HopelessException(Failure.of(
                    FailureKind.UNAVAILABLE,
                    "stored_audio_damaged",
                    "the stored audio was damaged, was made again, and is damaged again: " + damage));
        }
        log.warn("stored audio {} is damaged and will be made again: {}", name, damage);
        storage.delete(name);
    }

    private Report call(Lease lease, Clip clip, CallHandle handle, boolean probe) throws InterruptedException {
        int attempts = lease.attempts() + 1;
        try (BoughtAudio bought = new BoughtAudio(storage, clip.voice().format(), memory)) {
            ProviderHints hints;
            try (SpeechAudio audio = synthesizer.synthesize(new SpeechRequest(clip.text(), clip.voice()), handle)) {
                hints = audio.hints();
                receive(audio.body(), bought, handle);
            }
            AudioFacts facts = store(clip, bought);
            return new Report(new Outcome.Made(lease, facts, true), hints, null);
        } catch (SpeechException e) {
            Failure failure = handle.isAborted() ? e.failure() : suspects.judge(clip.key(), e.failure());
            return handle.isAborted() ? aborted(lease) : callFailed(lease, failure, attempts, probe);
        } catch (HopelessException e) {
            return failed(lease, e.failure, attempts, true);
        } catch (BadAudioException e) {
            return handle.isAborted() ? aborted(lease) : failed(lease, e.failure(), attempts, true);
        } catch (StorageException e) {
            return handle.isAborted() ? aborted(lease) : storageFailed(lease, e);
        } catch (IOException e) {
            if (handle.isAborted()) {
                return aborted(lease);
            }
            Failure failure = Failure.of(FailureKind.TRANSPORT, "connection_cut", "the connection broke in the answer");
            return callFailed(lease, failure, attempts, probe);
        }
    }

    /** Copies the body. What our side has no room for waits in memory, and then in the connection. */
    private void receive(InputStream body, BoughtAudio bought, CallHandle handle)
            throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            int taken = bought.take(buffer, 0, read);
            StorageException trouble = bought.trouble();
            if (trouble != null) {
                outage.isWhy(trouble);
            }
            while (taken < read) {
                try (StorageOutage.Kept kept = outage.keep()) {
                    // Once the connection is cut, what is missing will not come.
                    awaitTurn(kept, handle::isAborted);
                }
                taken += bought.take(buffer, taken, read - taken);
            }
        }
    }

    private static void awaitTurn(StorageOutage.Kept kept, BooleanSupplier over) throws InterruptedException {
        boolean turn = false;
        while (!turn) {
            turn = kept.rest();
            if (over.getAsBoolean()) {
                throw new StorageException("the audio storage is out, and what was bought can be kept no longer");
            }
        }
    }

    private static AudioFacts verified(Path spooled, AudioFormat format) throws BadAudioException {
        try {
            return AudioInspector.inspect(spooled, format);
        } catch (BadAudioException e) {
            throw e;
        } catch (IOException e) {
            throw new StorageException("spooled audio could not be read again", e);
        }
    }

    /**
     * Verifies and stores what was paid for, and does not give up while the worker lives, even when its lease has run out
     * meanwhile: whose clip it is then finds it stored. Nothing else is bought meanwhile.
     */
    private AudioFacts store(Clip clip, BoughtAudio bought) throws InterruptedException, BadAudioException {
        int refused = 0;
        StorageOutage.@Nullable Kept kept = null;
        StorageOutage.@Nullable Oddity oddity = null;
        try {
            while (true) {
                try {
                    AudioFacts facts = storeNow(clip, bought, refused == 0);
                    release(kept);
                    kept = null;
                    outage.worked();
                    return facts;
                } catch (StorageException e) {
                    if (outage.isGivenUp()) {
                        throw e;
                    }
                    refused++;
                    if (outage.isWhy(e)) {
                        kept = kept == null ? outage.keep() : kept;
                        awaitTurn(kept, outage::isGivenUp);
                    } else {
                        // Others are not to wait for a single file.
                        oddity = oddity == null ? outage.odd() : oddity;
                        release(kept);
                        kept = null;
                        outage.worked();
                        log.warn(
                                "audio of {} could not be stored and is kept until it can: {}",
                                clip.key(),
                                e.getMessage());
                        sleeper.sleep(StorageOutage.rest(refused));
                    }
                }
            }
        } finally {
            release(kept);
            if (oddity != null) {
                oddity.close();
            }
        }
    }

    private static void release(StorageOutage.@Nullable Kept kept) {
        if (kept != null) {
            kept.close();
        }
    }

    /** What a disk refused once it may also have spoilt: it is verified again each time. */
    private AudioFacts storeNow(Clip clip, BoughtAudio bought, boolean first) throws BadAudioException {
        AudioName name = nameOf(clip);
        bought.complete();
        AudioFacts facts = verified(bought.path(), name.format());
        if (first) {
            suspects.answered(clip.key());
            warnIfShort(facts, clip);
        }
        try {
            if (storage.put(name, bought.path())) {
                return facts;
            }
            return stored(name).orElseThrow(() -> new StorageException("what was stored is gone again", null));
        } catch (StorageException | HopelessException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // That of a storage of the host's own, or of what one is built on: it is no reason to buy it again.
            throw new StorageException(
                    "the audio storage broke down: " + e.getClass().getName(), e);
        }
    }

    private static void warnIfShort(AudioFacts facts, Clip clip) {
        if (AudioInspector.tooShort(facts, clip.text(), clip.voice().speed()).isPresent()) {
            // A cut on a frame edge shows in nothing else; but some voices really are that quick, so it is no failure.
            log.warn("audio of clip {} is shorter than its text lets expect: {}", clip.key(), facts.duration());
        }
    }

    /** What cannot be stored is joined anew later: its parts are there. */
    private AudioFacts join(Clip clip, AudioName name) {
        AudioFormat format = clip.voice().format();
        Path spooled = BoughtAudio.newFile(storage, format);
        try {
            List<AudioJoin.Source> parts = clip.parts().stream()
                    .<AudioJoin.Source>map(
                            part -> () -> storage.open(AudioName.of(part.key().hex(), format)))
                    .toList();
            AudioFacts facts = AudioJoin.join(parts, format, spooled);
            return storage.put(name, spooled) ? facts : stored(name).orElse(facts);
        } catch (StorageException e) {
            throw e;
        } catch (TtsException e) {
            String message = e.getMessage() == null ? "the parts do not fit together" : e.getMessage();
            throw new HopelessException(Failure.of(FailureKind.UNAVAILABLE, "parts_do_not_join", message));
        } catch (IOException e) {
            throw StorageException.ofDisk("the parts of a long text could not be read, or joined", spooled, e);
        } finally {
            BoughtAudio.discard(spooled);
        }
    }

    /** Trying again will not do. */
    private static final class HopelessException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Failure failure;

        HopelessException(Failure failure) {
            super(failure.message());
            this.failure = failure;
        }
    }

    private Report callFailed(Lease lease, Failure failure, int attempts, boolean probe) {
        boolean unwell = failure.kind() == FailureKind.SERVER || failure.kind() == FailureKind.TRANSPORT;
        if (!probe || !unwell) {
            return failed(lease, failure, attempts, true);
        }
        // The account's trouble goes on, for which this clip is not to pay: it costs no attempt, and another is the
        // next probe.
        Failure outage = new Failure(FailureKind.OUTAGE, failure.code(), failure.message(), failure.retryAfter());
        return new Report(new Outcome.Again(lease, outage, untilOthersHadTheirTurn(outage)), null, failure);
    }

    private Report failed(Lease lease, Failure failure, int attempts, boolean called) {
        Outcome outcome = retry.restAfter(failure, attempts, random.nextDouble())
                .<Outcome>map(rest -> new Outcome.Again(lease, failure, rest.plus(untilOthersHadTheirTurn(failure))))
                .orElseGet(() -> new Outcome.GivenUp(lease, failure));
        return new Report(outcome, null, called ? failure : null);
    }

    /** A little more than until the next probe, so that it is another clip's: one text may be the trouble itself. */
    private Duration untilOthersHadTheirTurn(Failure failure) {
        if (!failure.kind().pausesAccount()) {
            return Duration.ZERO;
        }
        return failure.kind() == FailureKind.OUTAGE ? AFTER_OUTAGE : probeInterval.plusMillis(500);
    }

    /** The turn broke down in a way nobody foresaw. */
    Report broken(Lease lease) {
        Failure failure = Failure.of(FailureKind.SERVER, "internal_error", "the worker failed on this clip");
        return failed(lease, failure, lease.attempts() + 1, false);
    }

    private Report storageFailed(Lease lease, StorageException e) {
        if (outage.isOn() || outage.isWhy(e)) {
            // Others, whose storage may work, are to have it.
            return new Report(new Outcome.Released(lease), null, null);
        }
        // It is this file that is the trouble: the clip rests, and the others go on.
        log.warn("the audio storage failed: {}", e.getMessage());
        String message = e.getMessage() == null ? "the audio storage failed" : e.getMessage();
        Failure failure = Failure.of(FailureKind.STORAGE, "storage_failed", message);
        return new Report(new Outcome.Again(lease, failure, BAD_FILE_REST), null, null);
    }

    private static Report aborted(Lease lease) {
        return new Report(new Outcome.Released(lease), null, null);
    }
}
