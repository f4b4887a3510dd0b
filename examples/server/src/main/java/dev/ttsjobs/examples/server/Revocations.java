package dev.ttsjobs.examples.server;

import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Tokens that count no longer though their time is not over: of users that were blocked, of accounts that are gone, and those
 * from before a change of the password. It is in the database, and asked there for each call, so that every server knows at
 * once. Thread-safe.
 */
final class Revocations {

    /** So many users are looked up by one statement. */
    private static final int AT_ONE_LOOK = 500;

    private final Jdbi jdbi;
    private final InstantSource clock;

    Revocations(Jdbi jdbi, InstantSource clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /**
     * What is on record of a user.
     *
     * @param tokensFrom the first second, since 1970, from which on tokens count
     */
    record Record(long tokensFrom, boolean blocked) {

        static final Record NONE = new Record(0, false);
    }

    Record of(String user) {
        return jdbi.withHandle(handle -> of(handle, user));
    }

    private static Record of(Handle handle, String user) {
        return handle.createQuery("SELECT tokens_from, blocked FROM revocations WHERE user_id = :user")
                .bind("user", user)
                .map((rows, context) -> new Record(rows.getLong("tokens_from"), rows.getInt("blocked") != 0))
                .findOne()
                .orElse(Record.NONE);
    }

    /** @throws Problem 401 when it counts no longer */
    void check(Tokens.Token token) {
        if (!revoked(List.of(token)).isEmpty()) {
            throw Tokens.refused();
        }
    }

    /** Those of some tokens that count no longer. */
    Set<Tokens.Token> revoked(Collection<Tokens.Token> tokens) {
        Set<Tokens.Token> revoked = new HashSet<>();
        List<Tokens.Token> all = List.copyOf(tokens);
        for (int from = 0; from < all.size(); from += AT_ONE_LOOK) {
            List<Tokens.Token> some = all.subList(from, Math.min(from + AT_ONE_LOOK, all.size()));
            Map<String, User> known = look(some);
            for (Tokens.Token token : some) {
                User user = known.getOrDefault(token.user(), User.UNKNOWN);
                boolean gone = token.isOwn() && !user.hasAccount;
                if (gone || user.record.blocked || token.issuedAt() < user.record.tokensFrom) {
                    revoked.add(token);
                }
            }
        }
        return revoked;
    }

    private record User(boolean hasAccount, Record record) {

        static final User UNKNOWN = new User(false, Record.NONE);

        User and(User other) {
            return new User(hasAccount || other.hasAccount, record.equals(Record.NONE) ? other.record : record);
        }
    }

    /** One statement, for there is one for each call. */
    private Map<String, User> look(List<Tokens.Token> tokens) {
        List<String> users = tokens.stream().map(Tokens.Token::user).distinct().toList();
        return jdbi.withHandle(handle -> {
            Map<String, User> found = new HashMap<>();
            handle.createQuery("SELECT id, 1 AS account, 0 AS tokens_from, 0 AS blocked FROM users WHERE id IN (<ids>)"
                            + " UNION ALL SELECT user_id, 0, tokens_from, blocked FROM revocations"
                            + " WHERE user_id IN (<ids>)")
                    .bindList("ids", users)
                    .map((rows, context) -> found.merge(
                            rows.getString("id"),
                            new User(
                                    rows.getInt("account") != 0,
                                    new Record(rows.getLong("tokens_from"), rows.getInt("blocked") != 0)),
                            User::and))
                    .list();
            return found;
        });
    }

    /** From now on, earlier tokens of a user do not count; within the transaction of what is the reason. */
    void endTokens(Handle handle, String user) {
        // Tokens know whole seconds: those of this one are the last that do not count.
        write(handle, user, new Record(clock.instant().getEpochSecond() + 1, of(handle, user).blocked));
    }

    /** Blocks a user, or no longer; tokens from before do not count again. */
    void block(Handle handle, String user, boolean blocked) {
        write(handle, user, new Record(clock.instant().getEpochSecond() + 1, blocked));
    }

    private static void write(Handle handle, String user, Record record) {
        int blocked = record.blocked ? 1 : 0;
        int changed = handle.createUpdate(
                        "UPDATE revocations SET tokens_from = :from, blocked = :blocked WHERE user_id = :user")
                .bind("from", record.tokensFrom)
                .bind("blocked", blocked)
                .bind("user", user)
                .execute();
        if (changed == 0) {
            handle.createUpdate(
                            "INSERT INTO revocations (user_id, tokens_from, blocked) VALUES (:user, :from, :blocked)")
                    .bind("user", user)
                    .bind("from", record.tokensFrom)
                    .bind("blocked", blocked)
                    .execute();
        }
    }
}
