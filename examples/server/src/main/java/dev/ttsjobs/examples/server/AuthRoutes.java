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
    private final LoginGuard guard;
    private final AuditLog audit;

    AuthRoutes(Accounts accounts, Tokens tokens, LoginGuard guard, AuditLog audit) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.guard = guard;
        this.audit = audit;
    }

    void addTo(RoutesConfig routes) {
        routes.post("/api/auth/register", this::register);
        routes.post("/api/auth/login", this::login);
    }

    private void register(Context ctx) {
        Fields fields = Fields.of(Json.body(ctx));
        String email = fields.required("email", LONGEST_EMAIL);
        String password = fields.required("password", LONGEST_PASSWORD);
        String firstName = fields.optional("firstName", LONGEST_NAME);
        String lastName = fields.optional("lastName", LONGEST_NAME);
        if (!email.isBlank() && !isEmail(email.strip())) {
            fields.refuse("email", "must be an e-mail address");
        }
        if (!password.isBlank() && password.codePointCount(0, password.length()) < SHORTEST_PASSWORD) {
            fields.refuse("password", "must have at least " + SHORTEST_PASSWORD + " characters");
        }
        fields.check();
        Accounts.User user = accounts.register(email, password, firstName, lastName)
                .orElseThrow(() -> Problem.conflict("the e-mail address has an account already"));
        guard.isHome(user.email(), ClientAddress.of(ctx));
        audit.accountRegistered(new Caller(user.id(), ClientAddress.of(ctx)));
        signedIn(ctx, 201, user);
    }

    private void login(Context ctx) {
        Fields fields = Fields.of(Json.body(ctx));
        String email = fields.required("email", LONGEST_EMAIL);
        String password = fields.required("password", LONGEST_PASSWORD);
        fields.check();
        String account = Accounts.normalized(email);
        String address = ClientAddress.of(ctx);
        guard.enter(account, address);
        Accounts.User user = accounts.login(email, password)
                .orElseThrow(() -> Problem.unauthorized("the e-mail address or the password is wrong"));
        guard.wasRight(account, address);
        signedIn(ctx, 200, user);
    }

    private void signedIn(Context ctx, int status, Accounts.User user) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("ok", true);
        json.put("token", tokens.issue(user.id()));
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
