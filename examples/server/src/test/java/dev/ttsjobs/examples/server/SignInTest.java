package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.worker.Networks;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.time.ManualTime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guessing passwords and accounts. */
class SignInTest {

    @TempDir
    static Path dir;

    private static RunningServer running;

    @BeforeAll
    static void start() {
        running = RunningServer.in(dir);
        running.register("ann@example.org");
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    /** From an address of its own, so that no guess counts against another. */
    private static Answer login(String email, String password, int address) {
        return running.nobody()
                .post(
                        "/api/auth/login",
                        Map.of("email", email, "password", password),
                        "X-Forwarded-For",
                        "198.51.100." + address);
    }

    private static Answer register(String email, int address) {
        return running.nobody()
                .post(
                        "/api/auth/register",
                        Map.of("email", email, "password", "another password"),
                        "X-Forwarded-For",
                        "198.51.100." + address);
    }

    @Test
    void an_unknown_account_is_answered_as_a_wrong_password_is() {
        Answer wrong = login("ann@example.org", "wrong password", 1);
        Answer unknown = login("nobody@example.org", "wrong password", 1);

        assertEquals(401, wrong.status());
        assertEquals(401, unknown.status());
        assertEquals(text(wrong), text(unknown));
        assertEquals(names(wrong), names(unknown));
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static String names(Answer answer) {
        return answer.headers().map().keySet().toString();
    }

    private interface Call {
        Answer make(int number);
    }

    /** The quickest of several in turns: what else the machine does only adds to a time. */
    private static double ratioOfTimes(Call one, Call other) {
        int rounds = 6;
        long[] ones = new long[rounds];
        long[] others = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            ones[i] = nanos(one, i);
            others[i] = nanos(other, i);
        }
        return (double) Arrays.stream(ones).min().orElseThrow()
                / Arrays.stream(others).min().orElseThrow();
    }

    private static long nanos(Call call, int number) {
        long start = System.nanoTime();
        call.make(number);
        return System.nanoTime() - start;
    }

    @Test
    void nor_does_the_time_tell_who_has_an_account() {
        double login = ratioOfTimes(
                i -> login("ann@example.org", "wrong password", 2),
                i -> login("nobody" + i + "@example.org", "wrong password", 2));
        double register =
                ratioOfTimes(i -> register("ann@example.org", 3), i -> register("new" + i + "@example.org", 3));

        // One hash is far more than all the rest, so that one that is left out would show as a tenth or less.
        assertTrue(login > 0.5 && login < 2, "login " + login);
        assertTrue(register > 0.5 && register < 2, "register " + register);
    }

    @Test
    void passwords_are_kept_as_slow_hashes_of_their_own() {
        running.register("twin@example.org");
        var hashes = Jdbi.create(running.workshop.dataSource())
                .withHandle(handle -> handle.createQuery("SELECT password_hash FROM users WHERE email IN (?, ?)")
                        .bind(0, "ann@example.org")
                        .bind(1, "twin@example.org")
                        .mapTo(String.class)
                        .list());

        // Both have the same password.
        assertEquals(2, hashes.stream().distinct().count());
        hashes.forEach(hash -> assertTrue(hash.matches("\\$2[ab]\\$11\\$.{53}"), hash));
    }

    @Test
    void all_of_a_long_password_counts() {
        String start = "é".repeat(400);
        Map<String, String> long1 = Map.of("email", "long@example.org", "password", start + "1");
        assertEquals(201, running.nobody().post("/api/auth/register", long1).status());

        assertEquals(401, login("long@example.org", start + "2", 6).status());
        assertEquals(200, login("long@example.org", start + "1", 6).status());
    }

    @Test
    void from_the_thirtieth_wrong_login_a_minute_on_nobody_looks_but_the_owner_is_not_locked_out() {
        running.register("eve@example.org");
        // All but the last without the hash, of which thirty may take longer than the minute.
        for (int i = 1; i < LoginGuard.BARRED_FROM - 1; i++) {
            guard().enter("eve@example.org", "198.51.100.4");
        }
        assertEquals(401, login("eve@example.org", "wrong password", 4).status());
        Answer barred = login("eve@example.org", "wrong password", 4);
        assertEquals(429, barred.status());
        assertEquals("application/problem+json", barred.header("Content-Type"));
        assertTrue(Long.parseLong(barred.header("Retry-After")) <= 60);
        // The address is barred for all accounts, and the account for all addresses,
        assertEquals(429, login("ann@example.org", "correct horse", 4).status());
        assertEquals(429, login("eve@example.org", "correct horse", 5).status());
        assertEquals(200, login("ann@example.org", "correct horse", 5).status());
        // but for the one that she signed up from.
        Map<String, String> right = Map.of("email", "Eve@example.org", "password", "correct horse");
        assertEquals(200, running.nobody().post("/api/auth/login", right).status());
    }

    @Test
    void what_a_client_says_of_where_it_comes_from_is_nothing_beside_the_line_of_the_proxy() {
        for (int i = 1; i < LoginGuard.BARRED_FROM - 1; i++) {
            guard().enter("anybody" + i + "@example.org", "198.51.100.8");
        }
        for (int i = 1; i <= 2; i++) {
            Answer answer = running.nobody()
                    .post(
                            "/api/auth/login",
                            Map.of("email", "somebody" + i + "@example.org", "password", "wrong password"),
                            "X-Forwarded-For",
                            "203.0.113." + i,
                            "X-Forwarded-For",
                            "198.51.100.8");
            assertEquals(i == 1 ? 401 : 429, answer.status());
        }
    }

    @Test
    void only_a_trusted_proxy_is_believed_about_whom_it_asks_for() {
        ClientAddress byDefault = new ClientAddress(Networks.LOOPBACK);
        assertEquals("203.0.113.7", byDefault.of("127.0.0.1", "203.0.113.7"));
        // A neighbour in a private network may be anybody,
        assertEquals("10.0.0.9", byDefault.of("10.0.0.9", "203.0.113.7"));
        assertEquals("203.0.113.9", byDefault.of("203.0.113.9", "203.0.113.7"));
        // unless it is named.
        ClientAddress named = new ClientAddress(Networks.parse("10.0.0.0/24,192.0.2.1"));
        assertEquals("203.0.113.7", named.of("10.0.0.9", "203.0.113.7"));
        assertEquals("127.0.0.1", named.of("127.0.0.1", "203.0.113.7"));
        // Through two of them, and what the client itself put in front is nothing.
        assertEquals("203.0.113.7", named.of("10.0.0.9", "6.6.6.6, 203.0.113.7, 192.0.2.1"));
        assertEquals("192.0.2.1", named.of("10.0.0.9", "6.6.6.6, unknown, 192.0.2.1"));
        assertEquals("10.0.0.9", named.of("10.0.0.9", ""));
    }

    @Test
    void who_makes_too_many_accounts_has_to_wait_and_nobody_else_has(@TempDir Path other) {
        try (RunningServer few = RunningServer.in(other, "SIGN_UPS_PER_HOUR", "2", "TOTAL_SIGN_UPS_PER_HOUR", "4")) {
            assertEquals(201, signUp(few, "a@example.org", "198.51.100.1").status());
            assertEquals(409, signUp(few, "a@example.org", "198.51.100.1").status());
            Answer refused = signUp(few, "b@example.org", "198.51.100.1");
            assertEquals(429, refused.status());
            long wait = Long.parseLong(refused.header("Retry-After"));
            assertTrue(wait > 3500 && wait <= 3600, "after " + wait);
            // What is not valid costs nothing, and does not count.
            assertEquals(400, signUp(few, "no address", "198.51.100.2").status());
            assertEquals(201, signUp(few, "c@example.org", "198.51.100.2").status());
            assertEquals(201, signUp(few, "d@example.org", "198.51.100.3").status());
            assertEquals(429, signUp(few, "e@example.org", "198.51.100.4").status());
            assertEquals(200, login(few, "a@example.org").status(), "who has an account signs in");
        }
    }

    private static Answer signUp(RunningServer server, String email, String address) {
        Map<String, String> body = Map.of("email", email, "password", "correct horse");
        return server.nobody().post("/api/auth/register", body, "X-Forwarded-For", address);
    }

    private static Answer login(RunningServer server, String email) {
        return server.nobody().post("/api/auth/login", Map.of("email", email, "password", "correct horse"));
    }

    @Test
    void sign_ups_are_counted_by_the_hour_by_network_and_not_against_this_machine_itself() {
        ManualTime time = new ManualTime();
        SignUpGuard guard = new SignUpGuard(new Settings.SignUps(2, 0), tally(time));
        for (int i = 0; i < 100; i++) {
            guard.enter("127.0.0.1");
        }
        guard.enter("2001:db8:0:1::1");
        guard.enter("2001:db8:0:1::2");
        assertThrows(Problem.class, () -> guard.enter("2001:db8:0:1:9::3"));
        assertDoesNotThrow(() -> guard.enter("2001:db8:0:2::1"));
        time.advance(Duration.ofHours(1));
        assertDoesNotThrow(() -> guard.enter("2001:db8:0:1:9::3"));

        SignUpGuard anyNumber = new SignUpGuard(new Settings.SignUps(0, 0), tally(time));
        for (int i = 0; i < 100; i++) {
            anyNumber.enter("198.51.100.1");
        }
    }

    @Test
    void a_known_address_has_its_own_limit() {
        LoginGuard guard = guard(new ManualTime());
        guard.isHome("ann", "203.0.113.7");
        for (int i = 1; i < LoginGuard.BARRED_FROM; i++) {
            guard.enter("ann", "203.0.113.7");
        }
        assertThrows(Problem.class, () -> guard.enter("ann", "203.0.113.7"));
        // What happens at home is not held against the account elsewhere.
        assertDoesNotThrow(() -> guard.enter("ann", "203.0.113.8"));
    }

    @Test
    void all_addresses_of_a_network_of_six_count_as_one() {
        LoginGuard guard = guard(new ManualTime());
        for (int i = 1; i < LoginGuard.BARRED_FROM; i++) {
            guard.enter("account " + i, "2001:db8:0:1::" + i);
        }
        assertThrows(Problem.class, () -> guard.enter("another", "2001:db8:0:1:ffff::1"));
        assertDoesNotThrow(() -> guard.enter("another", "2001:db8:0:2::1"));
    }

    @Test
    void a_barred_account_is_free_again_after_a_minute() {
        ManualTime time = new ManualTime();
        LoginGuard guard = guard(time);
        for (int i = 1; i < LoginGuard.BARRED_FROM; i++) {
            guard.enter("small ann", "192.0.2." + i);
        }
        assertEquals(
                429,
                assertThrows(Problem.class, () -> guard.enter("small ann", "192.0.2.200"))
                        .status());
        time.advance(Duration.ofSeconds(59));
        assertThrows(Problem.class, () -> guard.enter("small ann", "192.0.2.200"));
        time.advance(Duration.ofSeconds(1));
        assertDoesNotThrow(() -> guard.enter("small ann", "192.0.2.200"));
    }

    @Test
    void right_logins_are_not_held_against_anybody() {
        LoginGuard guard = guard(new ManualTime());
        for (int i = 0; i < 100; i++) {
            guard.enter("small ann", "192.0.2.250");
            guard.wasRight("small ann", "192.0.2.250");
        }
    }

    @Test
    void what_is_over_is_deleted() {
        ManualTime time = new ManualTime();
        Tally tally = tally(time);
        for (int i = 0; i < 100; i++) {
            tally.add("flood " + i, 1, Duration.ofMinutes(1));
        }
        int before = rows();
        time.advance(Duration.ofMinutes(2));
        assertEquals(Optional.empty(), tally.add("after the flood", 1, Duration.ofMinutes(1)));
        assertTrue(rows() <= before - 99, () -> rows() + " after " + before);
    }

    private static int rows() {
        return Jdbi.create(running.workshop.dataSource())
                .withHandle(handle -> handle.createQuery("SELECT COUNT(*) FROM tallies")
                        .mapTo(int.class)
                        .one());
    }

    /** On the server's own tables; another clock, so keys of their own. */
    private static Tally tally(ManualTime time) {
        return new Tally(Jdbi.create(running.workshop.dataSource()), time);
    }

    /** As another server on the same database. */
    private static LoginGuard guard() {
        return new LoginGuard(new Tally(
                Jdbi.create(running.workshop.dataSource()),
                running.workshop.queue().clock()));
    }

    private static LoginGuard guard(ManualTime time) {
        return new LoginGuard(tally(time));
    }
}
