package dev.ttsjobs.examples.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Signing up and in. */
final class AuthRoutes {

    private static final int SHORTEST_PASSWORD = 8;
    private static final int LONGEST_PASSWORD = 1000;
    private static final int LONGEST_EMAIL = 254;
    private static final int LONGEST_NAME = 100;

    private final Accounts accounts;
    private final Tokens tokens;
    private final Revocations revocations;
    private final ClientAddress addresses;
    private final LoginGuard guard;
    private final SignUpGuard signUps;
    private final AuditLog audit;

    AuthRoutes(
            Accounts accounts,
            Tokens tokens,
            Revocations revocations,
            ClientAddress addresses,
            LoginGuard guard,
            SignUpGuard signUps,
            AuditLog audit) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.revocations = revocations;
        this.addresses = addresses;
        this.guard = guard;
        this.signUps = signUps;
        this.audit = audit;
    }

    void addTo(RoutesConfig routes) {
        routes.post("/api/auth/register", this::register);
        routes.post("/api/auth/login", this::login);
        routes.post("/api/auth/password", this::changePassword);
    }

    private void register(Context ctx) {
        Fields fields = Fields.of(Json.body(ctx));
        String email = fields.required("email", LONGEST_EMAIL);
        String password = fields.required("password", LONGEST_PASSWORD);
        String firstName = fields.optional("firstName", LONGEST_NAME);
        String lastName = fields.optional("lastName", LONGEST_NAME);
        if (!email.isBlank() && !isEmail(email.strip())) {
            fields.refuse("email", "not_an_address", "must be an e-mail address");
        }
        requireLong(fields, "password", password);
        fields.check();
        String address = addresses.of(ctx);
        signUps.enter(address);
        Accounts.User user = accounts.register(email, password, firstName, lastName)
                .orElseThrow(() -> Problem.conflict("email_taken", "the e-mail address has an account already"));
        guard.isHome(user.email(), address);
        audit.accountRegistered(new Caller(user.id(), address));
        signedIn(ctx, 201, user);
    }

    private void login(Context ctx) {
        Fields fields = Fields.of(Json.body(ctx));
        String email = fields.required("email", LONGEST_EMAIL);
        String password = fields.required("password", LONGEST_PASSWORD);
        fields.check();
        String account = Accounts.normalized(email);
        String address = addresses.of(ctx);
        guard.enter(account, address);
        Accounts.User user = accounts.login(email, password)
                .orElseThrow(() -> Problem.unauthorized("the e-mail address or the password is wrong"));
        guard.wasRight(account, address);
        // Only who knows the password is told.
        if (revocations.of(user.id()).blocked()) {
            throw Problem.forbidden("blocked", "the account is blocked");
        }
        signedIn(ctx, 200, user);
    }

    /** Also for those who fear that somebody else is signed in: everybody is signed out but the caller. */
    private void changePassword(Context ctx) {
        Fields fields = Fields.of(Json.body(ctx));
        String password = fields.required("password", LONGEST_PASSWORD);
        String next = fields.required("newPassword", LONGEST_PASSWORD);
        requireLong(fields, "newPassword", next);
        fields.check();
        Caller caller = Caller.of(ctx);
        String email = accounts.email(caller.id())
                .orElseThrow(
                        () -> Problem.conflict("password_elsewhere", "whoever issued the token keeps the password"));
        // Whoever found a token must not be able to try passwords with it.
        guard.enter(email, caller.address());
        Accounts.User user = accounts.login(email, password)
                .orElseThrow(() -> Problem.invalid("password", "wrong_password", "is not the present one"));
        guard.wasRight(email, caller.address());
        accounts.changePassword(caller, next);
        signedIn(ctx, 200, user);
    }

    private static void requireLong(Fields fields, String name, String password) {
        if (!password.isBlank() && password.codePointCount(0, password.length()) < SHORTEST_PASSWORD) {
            fields.refuse(
                    name, "too_short", SHORTEST_PASSWORD, "must have at least " + SHORTEST_PASSWORD + " characters");
        }
    }

    private void signedIn(Context ctx, int status, Accounts.User user) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("ok", true);
        json.put("token", tokens.issue(user.id(), revocations.of(user.id()).tokensFrom()));
        json.put("user", Map.of("id", user.id(), "email", user.email()));
        Json.send(ctx, status, json);
    }

    /** Whether mail could be sent there is for the mail to find out. */
    private static boolean isEmail(String email) {
        int at = email.indexOf('@');
        return at > 0
                && at == email.lastIndexOf('@')
                && at < email.length() - 1
                && email.codePoints().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
    }
}
