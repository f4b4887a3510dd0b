package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Networks;
import dev.ttsjobs.examples.worker.Settings;
import java.time.Duration;

/**
 * Counts who makes accounts, by address and in all: each costs a slow hash and a row, and brings the jobs of a new user.
 * Thread-safe.
 */
final class SignUpGuard {

    private static final Duration WINDOW = Duration.ofHours(1);

    private final Settings.SignUps limits;
    private final Tally tally;

    SignUpGuard(Settings.SignUps limits, Tally tally) {
        this.limits = limits;
        this.tally = tally;
    }

    /**
     * Notes a try, before the address is looked up, so that it also counts who asks which addresses have an account.
     *
     * @throws Problem 429 when the address, or everybody together, has had too many
     */
    void enter(String address) {
        // This machine itself is its operator, or a proxy that says nothing of whom it asks for: those are not one
        // client.
        if (limits.ofAddress() > 0 && !Networks.LOOPBACK.hold(address)) {
            count(
                    "sign-ups from " + ClientAddress.network(address),
                    limits.ofAddress(),
                    "too many accounts were made from your address; try again later");
        }
        // Whom his own limit stops takes no place from the others.
        if (limits.all() > 0) {
            count("sign-ups", limits.all(), "too many accounts are being made; try again later");
        }
    }

    private void count(String key, int most, String why) {
        tally.add(key, most, WINDOW).ifPresent(wait -> {
            throw Problem.tooMany("too_many_sign_ups", why, wait);
        });
    }
}
