package dev.ttsjobs.examples.server;

import io.javalin.http.Context;
import java.util.Set;

/** Those whose address {@code ADMIN_EMAILS} names, and the demo's own user, whom nobody can sign up as. Thread-safe. */
final class Operators {

    private final Accounts accounts;
    private final Set<String> emails;

    Operators(Accounts accounts, Set<String> emails) {
        this.accounts = accounts;
        this.emails = emails;
    }

    boolean isOne(Caller caller) {
        return caller.id().equals(Demo.USER)
                || accounts.email(caller.id()).filter(emails::contains).isPresent();
    }

    /** @throws Problem 403 when somebody else calls */
    Caller require(Context ctx) {
        Caller caller = Caller.of(ctx);
        if (!isOne(caller)) {
            throw Problem.forbidden("operators_only", "only operators may do this");
        }
        return caller;
    }
}
