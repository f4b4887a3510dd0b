package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Networks;
import dev.ttsjobs.examples.worker.Settings;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Counts who makes accounts, by address and in all: each costs a slow hash and a row, and brings the jobs of a new user. Kept
 * in memory: each server process counts for itself. Thread-safe.
 */
final class SignUpGuard {

    private static final String ALL = "all";

    private final Settings.SignUps limits;
    private final Tally tally;

    SignUpGuard(Settings.SignUps limits, InstantSource clock) {
        this.limits = limits;
        this.tally = new Tally(clock, Duration.ofHours(1));
    }

    /**
     * Notes a try, before the address is looked up, so that it also counts who asks which addresses have an account.
     *
     * @throws Problem 429 when the address, or everybody together, has had too many
     */
    synchronized void enter(String address) {
        String network = ClientAddress.network(address);
        // This machine itself is its operator, or a proxy that says nothing of whom it asks for: those are not one
        // client.
        boolean ofOne = limits.ofAddress() > 0 && !Networks.LOOPBACK.hold(address);
        if (ofOne) {
            refuse(network, limits.ofAddress(), "too many accounts were made from your address; try again later");
        }
        if (limits.all() > 0) {
            refuse(ALL, limits.all(), "too many accounts are being made; try again later");
            tally.add(ALL);
        }
        if (ofOne) {
            tally.add(network);
        }
    }

    private void refuse(String key, int most, String why) {
        tally.wait(key, most).ifPresent(left -> {
            throw Problem.tooMany("too_many_sign_ups", why, left);
        });
    }
}
