package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.SpeechRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every call to the provider, and why it had to be made. */
final class CallWatch {

    /** A call, and what became of it. */
    static final class Call {
        final Effects caller;
        final Lease lease;
        /** No audio came of it. */
        private boolean failed;
        /** The process died, or was away too long, before it could say what came of it. */
        private boolean excused;
        /** It was made after its lease was lost. */
        private boolean stray;

        Call(Effects caller, Lease lease) {
            this.caller = caller;
            this.lease = lease;
        }

        void failed() {
            failed = true;
        }

        boolean isPaidFor() {
            return !failed;
        }
    }

    private final World world;
    private final Map<ClipKey, List<Call>> calls = new HashMap<>();
    private final Map<Effects, Lease> mayCall = new HashMap<>();
    /** Clips that were asked for anew after they were bought, which may begin a new account. */
    private final Set<ClipKey> renewed = new HashSet<>();

    private int count;
    private int deaths;

    CallWatch(World world) {
        this.world = world;
    }

    void renewed(Collection<ClipKey> keys) {
        keys.stream().filter(calls::containsKey).forEach(renewed::add);
    }

    void begun(Effects caller, Collection<Lease> granted) {
        granted.forEach(lease -> mayCall.put(caller, lease));
    }

    /** A request reached the provider; it is named by what it says, not by what the queue calls it. */
    Call started(Effects caller, String family, SpeechRequest request) {
        count++;
        ClipKey key = ClipKey.of(family, request.voice(), request.text());
        Lease lease = mayCall.remove(caller);
        Violation.unless(
                lease != null && lease.clip().text().equals(request.text()),
                () -> "called without an attempt on record: " + request.text());
        List<Call> before = calls.computeIfAbsent(key, any -> new ArrayList<>());
        Call call = new Call(caller, lease);
        if (world.leases.isHeldUnder(lease)) {
            requireReason(request, key, lease, before);
        } else {
            // It was away too long just before its call. Nothing but a shared clock could have told it.
            call.excused = true;
            call.stray = true;
        }
        before.add(call);
        caller.limits().sent(caller);
        return call;
    }

    private void requireReason(SpeechRequest request, ClipKey key, Lease lease, List<Call> calls) {
        Violation.unless(!world.leases.isDone(key), () -> "bought though it is done: \"" + request.text() + "\"");
        for (Call call : calls) {
            Violation.unless(
                    call.failed || call.excused,
                    () -> "bought again without a reason: \"" + request.text() + "\", first by " + call.caller.name);
        }
        for (Clip clip : List.of(lease.clip(), lease.target())) {
            Violation.unless(
                    !world.files.wasThereAt(clip, world.leases.claimedAt(lease)),
                    () -> "bought though it was stored before the turn began: \"" + request.text() + "\"");
        }
    }

    void crashed(Effects caller) {
        deaths++;
        calls.values()
                .forEach(each ->
                        each.stream().filter(call -> call.caller == caller).forEach(call -> call.excused = true));
    }

    void takenOver(Lease lease) {
        callsOf(lease).forEach(call -> call.excused = true);
    }

    /** A worker that lives gives nothing back that it has paid for. */
    void givenBack(Lease lease) {
        for (Call call : callsOf(lease)) {
            Violation.unless(call.failed || call.excused, () -> "paid for and given back: " + Trace.show(lease));
        }
    }

    /** Audio that was paid for is billed, and audio that was found is not. */
    void made(Outcome.Made made) {
        ClipKey key = made.lease().target().key();
        List<Call> all = calls.getOrDefault(key, List.of());
        boolean bought = all.stream().anyMatch(Call::isPaidFor);
        Violation.unless(bought || !made.paid(), () -> "billed, but never bought: " + Trace.show(made));
        boolean mustBill = callsOf(made.lease()).stream().anyMatch(Call::isPaidFor)
                || (made.lease().instead() == null
                        && !renewed.contains(key)
                        && all.stream().anyMatch(call -> call.isPaidFor() && !call.stray));
        Violation.unless(made.paid() || !mustBill, () -> "bought, but not billed: " + Trace.show(made));
    }

    private List<Call> callsOf(Lease lease) {
        return calls.getOrDefault(lease.target().key(), List.of()).stream()
                .filter(call -> call.lease.equals(lease))
                .toList();
    }

    int deaths() {
        return deaths;
    }

    int count() {
        return count;
    }
}
