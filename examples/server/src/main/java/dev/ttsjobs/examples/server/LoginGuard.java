package dev.ttsjobs.examples.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
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

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MOST_KEYS = 10_000;

    private final InstantSource clock;
    /** The oldest go first, so that a flood of made-up accounts needs no more room than this. */
    private final Map<String, Count> counts = bounded();

    /** Accounts with an address that they were signed in to from. */
    private final Map<Home, Boolean> homes = bounded();

    LoginGuard(InstantSource clock) {
        this.clock = clock;
    }

    private record Count(Instant since, int wrong) {}

    private record Home(String email, String network) {}

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MOST_KEYS;
            }
        };
    }

    /**
     * Notes a try before its password is looked at, so that many tries at once are all counted.
     *
     * @throws Problem 429 when the account or the address has had too many
     */
    synchronized void enter(String email, String address) {
        Instant now = clock.instant();
        for (String key : keys(email, address)) {
            Count count = current(key, now);
            if (count.wrong >= BARRED_FROM - 1) {
                Duration left = Duration.between(now, count.since.plus(WINDOW));
                throw Problem.tooMany("too many wrong logins; try again in a minute", left);
            }
        }
        for (String key : keys(email, address)) {
            Count count = current(key, now);
            counts.put(key, new Count(count.since, count.wrong + 1));
        }
    }

    /** Takes a try back that turned out to be right. */
    synchronized void wasRight(String email, String address) {
        for (String key : keys(email, address)) {
            counts.computeIfPresent(key, (k, count) -> new Count(count.since, Math.max(0, count.wrong - 1)));
        }
        isHome(email, address);
    }

    /** Notes that an account's owner is at an address. */
    synchronized void isHome(String email, String address) {
        Home home = new Home(email, network(address));
        // Anew, so that what is not used any longer goes first.
        homes.remove(home);
        homes.put(home, true);
    }

    synchronized int size() {
        return counts.size() + homes.size();
    }

    private Count current(String key, Instant now) {
        Count count = counts.get(key);
        return count == null || !now.isBefore(count.since.plus(WINDOW)) ? new Count(now, 0) : count;
    }

    private List<String> keys(String email, String address) {
        String network = network(address);
        String ofAddress = "address " + network;
        return homes.containsKey(new Home(email, network))
                ? List.of(ofAddress)
                : List.of("account " + email, ofAddress);
    }

    /** Of IPv6 the first 64 bits: whoever has one of those addresses has them all. */
    private static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length));
        } catch (UnknownHostException e) {
            // It is a literal, so this is no question to a name service; whatever it is, it counts for itself.
            return address;
        }
    }
}
