package dev.ttsjobs.examples.server;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.BCrypt.Version;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Who may sign in. Passwords are kept as bcrypt hashes. Thread-safe. */
final class Accounts {

    private static final Version BCRYPT = Version.VERSION_2B;
    private static final int COST = 11;
    private static final int MOST_BLOCKED = 200;

    private final Jdbi jdbi;
    private final InstantSource clock;
    private final Revocations revocations;
    private final AuditLog audit;
    /**
     * The hash of a random password that was thrown away. It is looked at when there is no such account, so that the answer
     * takes as long.
     */
    private static final String NOBODYS_HASH = "$2b$11$HnuYP7tvs51OWtE/6IMBeuclhhgQtDwivA9zkvGGIwmofiutl4Nim";

    Accounts(Jdbi jdbi, InstantSource clock, Revocations revocations, AuditLog audit) {
        this.jdbi = jdbi;
        this.clock = clock;
        this.revocations = revocations;
        this.audit = audit;
    }

    /** An account, without its password. */
    record User(String id, String email) {}

    private record Row(String id, String passwordHash) {}

    /** E-mail addresses are compared without case. */
    static String normalized(String email) {
        return email.strip().toLowerCase(Locale.ROOT);
    }

    /** Makes an account; empty when the address has one. */
    Optional<User> register(String email, String password, @Nullable String firstName, @Nullable String lastName) {
        return insert(UUID.randomUUID().toString(), email, hash(password), firstName, lastName);
    }

    /** Makes sure of an account that nobody can sign in to by password. */
    User withoutPassword(String id, String email) {
        User user = new User(id, normalized(email));
        if (find(user.email).isEmpty()) {
            insert(id, email, NOBODYS_HASH, null, null);
        }
        return user;
    }

    /** The address of an account; empty when there is no such account here. */
    Optional<String> email(String id) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT email FROM users WHERE id = :id")
                .bind("id", id)
                .mapTo(String.class)
                .findOne());
    }

    /** The account that an address and a password belong to. */
    Optional<User> login(String email, String password) {
        Optional<Row> row = find(normalized(email));
        String hash = row.map(Row::passwordHash).orElse(NOBODYS_HASH);
        boolean right = verifyer().verify(password.toCharArray(), hash.toCharArray()).verified;
        return right ? row.map(found -> new User(found.id, normalized(email))) : Optional.empty();
    }

    /** The id of the account that an address has. */
    Optional<String> id(String email) {
        return find(normalized(email)).map(Row::id);
    }

    /** Sets another password. Whoever is signed in, the caller included, has to sign in again. */
    void changePassword(Caller caller, String password) {
        String hash = hash(password);
        jdbi.useTransaction(handle -> {
            handle.createUpdate("UPDATE users SET password_hash = :hash WHERE id = :id")
                    .bind("hash", hash)
                    .bind("id", caller.id())
                    .execute();
            revocations.endTokens(handle, caller.id());
            audit.account(handle, caller, "password.changed");
        });
    }

    /** Blocks a user, or no longer; whoever is signed in as that user is signed out. */
    void block(Caller operator, String id, boolean blocked) {
        String what = blocked ? "blocked" : "unblocked";
        jdbi.useTransaction(handle -> {
            revocations.block(handle, id, blocked);
            audit.account(handle, operator, "user." + what);
            audit.account(handle, new Caller(id, operator.address()), "account." + what);
        });
    }

    /**
     * A user who is blocked.
     *
     * @param email null where the user has no account here
     */
    record Blocked(String user, @Nullable String email) {}

    /** Those who are blocked, {@value #MOST_BLOCKED} at most. */
    List<Blocked> blocked() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT r.user_id, u.email FROM revocations r"
                        + " LEFT JOIN users u ON u.id = r.user_id WHERE r.blocked <> 0"
                        + " ORDER BY u.email, r.user_id LIMIT :most")
                .bind("most", MOST_BLOCKED)
                .map((rows, context) -> new Blocked(rows.getString("user_id"), rows.getString("email")))
                .list());
    }

    private Optional<User> insert(
            String id, String email, String hash, @Nullable String firstName, @Nullable String lastName) {
        User user = new User(id, normalized(email));
        if (find(user.email).isPresent()) {
            return Optional.empty();
        }
        try {
            jdbi.useHandle(handle -> handle.createUpdate("INSERT INTO users (id, email, password_hash, first_name,"
                            + " last_name, created_at) VALUES (:id, :email, :hash, :first, :last, :now)")
                    .bind("id", id)
                    .bind("email", user.email)
                    .bind("hash", hash)
                    .bind("first", firstName)
                    .bind("last", lastName)
                    .bind("now", clock.millis())
                    .execute());
            return Optional.of(user);
        } catch (JdbiException e) {
            if (find(user.email).isPresent()) {
                // Somebody else was quicker by a moment.
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<Row> find(String email) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT id, password_hash FROM users WHERE email = :email")
                .bind("email", email)
                .map((rows, context) -> new Row(rows.getString("id"), rows.getString("password_hash")))
                .findOne());
    }

    /** bcrypt itself reads 72 bytes; what is longer goes in as its SHA-512. */
    private static String hash(String password) {
        return BCrypt.with(LongPasswordStrategies.hashSha512(BCRYPT)).hashToString(COST, password.toCharArray());
    }

    private static BCrypt.Verifyer verifyer() {
        return BCrypt.verifyer(BCRYPT, LongPasswordStrategies.hashSha512(BCRYPT));
    }
}
