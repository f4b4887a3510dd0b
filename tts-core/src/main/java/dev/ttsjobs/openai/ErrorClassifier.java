package dev.ttsjobs.openai;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Decides what an answer without audio means: by the error's code, then by its type, then by the status. The same 429 may
 * ask for a slower pace or say that the purse is empty; only the code tells them apart.
 *
 * @param redaction what to take out of the provider's words
 * @param endpoint the address that was called, to name it where its setting is the likely cause
 */
record ErrorClassifier(Redaction redaction, String endpoint) {

    private static final Set<String> QUOTA = Set.of(
            "insufficient_quota",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "billing_hard_limit_reached",
            "billing_not_active");

    private static final Set<String> KEY = Set.of(
            "invalid_api_key",
            "invalid_organization",
            "invalid_project",
            "ip_not_authorized",
            "account_deactivated",
            "unsupported_country_region_territory",
            "missing_scope",
            "insufficient_permissions",
            "authentication_error",
            "permission_error");

    private static final Set<String> PACE = Set.of("rate_limit_exceeded", "rate_limit_error", "slow_down");

    private static final Set<String> UNAVAILABLE =
            Set.of("server_is_overloaded", "overloaded_error", "engine_overloaded", "model_loading");

    private static final Set<String> REFUSED = Set.of(
            "model_not_found",
            "invalid_value",
            "invalid_type",
            "unsupported_value",
            "string_above_max_length",
            "string_too_long",
            "context_length_exceeded",
            "content_policy_violation",
            "content_filter",
            "moderation_blocked",
            "missing_required_parameter",
            "unknown_parameter",
            "validation_error");

    /** What web frameworks say for an address they do not serve; the provider's own words are the last two. */
    private static final Pattern NO_SUCH_ADDRESS = Pattern.compile(
            "|not found\\.?|404.{0,40}|cannot post .*|invalid url.*|unknown request url.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /**
     * The failure that an answer stands for. Never throws.
     *
     * @param status the HTTP status; 200 for an answer that should have been audio
     * @param body the beginning of the body
     * @param now to compare a date in {@code Retry-After} with, when the answer has no date of its own
     */
    Failure classify(int status, Headers headers, byte[] body, Instant now) {
        ErrorBody error = ErrorBody.parse(body);
        // An error in a body sent with a status of success often names the status that it should have had.
        int effective = status < 300 && error.status() != 0 ? error.status() : status;
        FailureKind kind = kind(effective, error);
        String code = code(effective, error, kind);
        String message = message(status, effective, error, code);
        String shouldRetry = headers.get("x-should-retry");
        if (shouldRetry != null && kind != FailureKind.QUOTA_EXHAUSTED && kind != FailureKind.KEY_REFUSED) {
            if (shouldRetry.strip().equalsIgnoreCase("false") && kind.retryable()) {
                kind = FailureKind.REJECTED;
                message += " (the provider says that trying again will not help)";
            } else if (shouldRetry.strip().equalsIgnoreCase("true") && !kind.retryable()) {
                kind = FailureKind.SERVER;
            }
        }
        return new Failure(kind, code, message, waitFor(kind, headers, now));
    }

    /** The failure that an error event in the middle of a stream of events stands for. */
    Failure classifyEvent(ErrorBody error) {
        int status = error.status() != 0 ? error.status() : 500;
        FailureKind kind = kind(status, error);
        String code = code(status, error, kind);
        return Failure.of(kind, code, message(200, status, error, code));
    }

    private static FailureKind kind(int status, ErrorBody error) {
        FailureKind named = named(error.code());
        if (named == null) {
            named = named(error.type());
        }
        return named != null ? named : byStatus(status, error);
    }

    private static @Nullable FailureKind named(String word) {
        if (QUOTA.contains(word)) {
            return FailureKind.QUOTA_EXHAUSTED;
        }
        if (KEY.contains(word)) {
            return FailureKind.KEY_REFUSED;
        }
        if (PACE.contains(word)) {
            return FailureKind.RATE_LIMITED;
        }
        if (UNAVAILABLE.contains(word)) {
            return FailureKind.OUTAGE;
        }
        return REFUSED.contains(word) ? FailureKind.REJECTED : null;
    }

    private static FailureKind byStatus(int status, ErrorBody error) {
        return switch (status) {
            case 402 -> FailureKind.QUOTA_EXHAUSTED;
            case 401, 403, 407 -> FailureKind.KEY_REFUSED;
            // Every clip would fare the same at a wrong address, so the account waits for its setting to be mended.
            case 404 -> isAddress(error) ? FailureKind.KEY_REFUSED : FailureKind.REJECTED;
            case 405 -> FailureKind.KEY_REFUSED;
            case 408 -> FailureKind.TRANSPORT;
            case 409, 425 -> FailureKind.SERVER;
            case 429 -> FailureKind.RATE_LIMITED;
            case 503 -> FailureKind.OUTAGE;
            default -> {
                if (status >= 500) {
                    yield FailureKind.SERVER;
                }
                if (status >= 400) {
                    yield FailureKind.REJECTED;
                }
                yield isRedirect(status) ? FailureKind.KEY_REFUSED : FailureKind.BAD_AUDIO;
            }
        };
    }

    private static boolean isAddress(ErrorBody error) {
        return !error.structured()
                || error.code().equals("unknown_url")
                || error.code().isEmpty()
                        && NO_SUCH_ADDRESS.matcher(error.message().strip()).matches();
    }

    private static boolean isRedirect(int status) {
        return status >= 300 && status < 400;
    }

    private String code(int status, ErrorBody error, FailureKind kind) {
        if (isRedirect(status)) {
            return "redirected";
        }
        if (kind == FailureKind.KEY_REFUSED && (status == 404 || status == 405)) {
            return "no_such_endpoint";
        }
        String given = !error.code().isEmpty() ? error.code() : error.type();
        if (!given.isEmpty() && redaction.apply(given).equals(given)) {
            return given;
        }
        return status < 300 ? "not_audio" : "http_" + status;
    }

    private String message(int status, int effective, ErrorBody error, String code) {
        if (code.equals("redirected")) {
            return "HTTP " + status + ": " + endpoint
                    + " redirects elsewhere, and redirects are not followed, since they"
                    + " would carry the key to another address. Set the base URL to the final address.";
        }
        if (code.equals("no_such_endpoint")) {
            return "HTTP " + status + ": nothing speaks at " + endpoint
                    + ". Check the base URL: it usually ends in /v1.";
        }
        String words = redaction.apply(error.message()).strip();
        String said = words.isEmpty() ? "the provider gave no reason" : words;
        if (status != 200) {
            return "HTTP " + status + ": " + said;
        }
        return (effective == 200 ? "The answer is not audio: " : "HTTP 200 with an error: ") + said;
    }

    private static @Nullable Duration waitFor(FailureKind kind, Headers headers, Instant now) {
        // Time alone fills no purse and mends no key, though some servers put the header on every error.
        if (kind == FailureKind.QUOTA_EXHAUSTED || kind == FailureKind.KEY_REFUSED || !kind.retryable()) {
            return null;
        }
        Duration asked = RetryAfter.of(headers, now);
        return asked == null && kind == FailureKind.RATE_LIMITED ? RateLimitHeaders.untilNextRequest(headers) : asked;
    }
}
