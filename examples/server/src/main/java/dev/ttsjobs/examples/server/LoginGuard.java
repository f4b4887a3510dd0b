package dev.ttsjobs.examples.server;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * Counts wrong logins, by account and by address, and bars both for the rest of a minute when there were too many. An address
 * from which the account was signed in to before answers for itself only, so that strangers cannot lock an owner out. Kept
 * in memory: each server process counts for itself. Thread-safe.
 */
final class LoginGuard {

    /** From this wrong login a minute on, there is no more looking. */
    static final int BARRED_FROM = 30;

    private final Tally wrong;

    /** Accounts with an address that they were signed in to from. */
    private final Map<Home, Boolean> homes = Tally.bounded();

    LoginGuard(InstantSource clock) {
        this.wrong = new Tally(clock, Duration.ofMinutes(1));
    }

    private record Home(String email, String network) {}

    /**
     * Notes a try before its password is looked at, so that many tries at once are all counted.
     *
     * @throws Problem 429 when the account or the address has had too many
     */
    synchronized void enter(String email, String address) {
        List<String> keys = keys(email, address);
        for (String key : keys) {
            wrong.wait(key, BARRED_FROM - 1).ifPresent(left -> {
                throw Problem.tooMany("too_many_logins", "too many wrong logins; try again in a minute", left);
            });
        }
        keys.forEach(wrong::add);
    }

    /** Takes a try back that turned out to be right. */
    synchronized void wasRight(String email, String address) {
        keys(email, address).forEach(wrong::takeBack);
        isHome(email, address);
    }

    /** Notes that an account's owner is at an address. */
    synchronized void isHome(String email, String address) {
        Home home = new Home(email, ClientAddress.network(address));
        // Anew, so that what is not used any longer goes first.
        homes.remove(home);
        homes.put(home, true);
    }

    synchronized int size() {
        return wrong.size() + homes.size();
    }

    private List<String> keys(String email, String address) {
        String network = ClientAddress.network(address);
        String ofAddress = "address " + network;
        return homes.containsKey(new Home(email, network))
                ? List.of(ofAddress)
                : List.of("account " + email, ofAddress);
    }
}
