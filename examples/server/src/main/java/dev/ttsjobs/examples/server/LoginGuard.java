package dev.ttsjobs.examples.server;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Counts wrong logins, by account and by address, and bars both for the rest of a minute when there were too many. An address
 * from which the account was signed in to lately answers for itself only, so that strangers cannot lock an owner out.
 * Thread-safe.
 */
final class LoginGuard {

    /** From this wrong login a minute on, there is no more looking. */
    static final int BARRED_FROM = 30;

    private static final Duration WINDOW = Duration.ofMinutes(1);

    /** For so long after a login an address is known. */
    private static final Duration AT_HOME = Duration.ofDays(90);

    private final Tally tally;

    LoginGuard(Tally tally) {
        this.tally = tally;
    }

    /**
     * Notes a try before its password is looked at, so that many tries at once are all counted.
     *
     * @throws Problem 429 when the account or the address has had too many
     */
    void enter(String email, String address) {
        List<String> keys = keys(email, address);
        for (int i = 0; i < keys.size(); i++) {
            Optional<Duration> wait = tally.add(keys.get(i), BARRED_FROM - 1, WINDOW);
            if (wait.isPresent()) {
                // Nobody looks at the password, so nothing was tried.
                keys.subList(0, i).forEach(tally::takeBack);
                throw Problem.tooMany("too_many_logins", "too many wrong logins; try again in a minute", wait.get());
            }
        }
    }

    /** Takes a try back that turned out to be right. */
    void wasRight(String email, String address) {
        keys(email, address).forEach(tally::takeBack);
        isHome(email, address);
    }

    /** Notes that an account's owner is at an address. */
    void isHome(String email, String address) {
        tally.keep(home(email, ClientAddress.network(address)), AT_HOME);
    }

    private List<String> keys(String email, String address) {
        String network = ClientAddress.network(address);
        String ofAddress = "logins from " + network;
        return tally.has(home(email, network)) ? List.of(ofAddress) : List.of(ofAddress, "logins to " + email);
    }

    private static String home(String email, String network) {
        return "home " + network + " of " + email;
    }
}
