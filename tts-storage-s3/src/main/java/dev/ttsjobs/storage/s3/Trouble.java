package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.StorageException;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What the server's refusals mean, and what to do about them. */
final class Trouble {

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** Words from outside are repeated only when they are harmless. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9.-]{1,64}");

    private static final Set<String> FULL = Set.of("QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity");

    private final String place;

    /** @param bucket a name from the settings, not from users */
    Trouble(String bucket) {
        this.place = "the bucket " + bucket;
    }

    /** Whether the server says, in so many words, that there is no such object; a missing bucket is not that. */
    static boolean isAbsent(SdkException e) {
        return status(e) == NOT_FOUND && (code(e).equals("NoSuchKey") || code(e).equals("NotFound"));
    }

    /** Whether the answer to HEAD, which gives no reasons, is that there is nothing in a bucket that is known to be there. */
    static boolean isGone(SdkException e) {
        return status(e) == NOT_FOUND;
    }

    /** Whether the object is there and has no first byte. */
    static boolean isEmpty(SdkException e) {
        return status(e) == RANGE_NOT_SATISFIABLE;
    }

    /** Whether the server refused to write because of what is, or is just being, written there. */
    static boolean isTaken(SdkException e) {
        return status(e) == PRECONDITION_FAILED || status(e) == CONFLICT;
    }

    /** Whether the server may have written what it was sent, although it did not say so. */
    static boolean isDoubtful(SdkException e) {
        // An upload in parts is gone once it was completed, also when the answer to that was lost.
        return isTaken(e) || !(e instanceof AwsServiceException) || status(e) >= 500 || code(e).equals("NoSuchUpload");
    }

    /** Whether the server does not know conditional writes. */
    static boolean isNotImplemented(SdkException e) {
        return status(e) == 501 || code(e).equals("NotImplemented");
    }

    StorageException explain(SdkException e) {
        String message = place + " " + sentence(e);
        return FULL.contains(code(e)) ? new StorageException.Full(message, e) : new StorageException(message, e);
    }

    StorageException brokenAnswer(Exception e) {
        return new StorageException(place + " gave an answer that broke off or makes no sense: try again", e);
    }

    private static String sentence(SdkException e) {
        if (!(e instanceof AwsServiceException)) {
            return withoutAnswer(e);
        }
        String code = code(e);
        return switch (code) {
            case "NoSuchBucket" -> "does not exist: create it, or correct its name";
            case "ExpiredToken", "TokenRefreshRequired" ->
                "says that the access key has run out (" + code + "): renew AWS_SESSION_TOKEN and its key, or let the "
                        + "key come from a role or profile, which the SDK renews by itself";
            case "XAmzContentSHA256Mismatch" ->
                "does not understand the checksums of uploads: switch them off (AWS_REQUEST_CHECKSUM_CALCULATION, or "
                        + "requestChecksums(false))";
            case "InvalidStorageClass" -> "does not know the storage class: choose one that it offers";
            case "InvalidTag" -> "does not take these tags: at most 10, with plain letters, digits and + - = . _ : /";
            case "KMS.NotFoundException", "KMS.DisabledException", "KMSInvalidStateException" ->
                "cannot use the encryption key (" + code + "): name one that exists, is enabled, and that the access "
                        + "key may use";
            case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity" ->
                "refused the access key (" + code + "): correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                        + "whatever else the key comes from";
            case "RequestTimeTooSkewed", "RequestExpired" ->
                "says that the clock of this machine is wrong: set it, best by a time service";
            case "PermanentRedirect",
                    "TemporaryRedirect",
                    "AuthorizationHeaderMalformed",
                    "IllegalLocationConstraintException",
                    "InvalidRegionName" -> "is in another region" + region(e) + ": set AWS_REGION to it";
            case "SlowDown", "ServiceUnavailable", "InternalError" -> "is overloaded or out of order: try again later";
            default -> FULL.contains(code) ? "is full: make room" : byStatus(status(e), code);
        };
    }

    private static String byStatus(int status, String code) {
        String what = code.isEmpty() ? String.valueOf(status) : status + " " + code;
        if (status == 301 || status == 307) {
            return "is in another region (" + what + "): set AWS_REGION to it";
        }
        if (status == 401 || status == 403) {
            return "does not allow this (" + what
                    + "): the key needs s3:GetObject, s3:PutObject and s3:DeleteObject on its objects and"
                    + " s3:ListBucket on the bucket, without which S3 does not say that an object is absent";
        }
        return "refused (" + what + ")" + (status >= 500 ? ": try again later" : "");
    }

    private static String withoutAnswer(SdkException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("Unable to load credentials")) {
            return "cannot be used without an access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
        }
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        if (cause.getClass().getSimpleName().equals("ConnectionRequestTimeoutException")) {
            return "is asked for more at once than there are connections: close what is opened, or allow more"
                    + " connections";
        }
        return "cannot be reached (" + cause.getClass().getSimpleName()
                + "): check the network and the address of the server";
    }

    private static String region(SdkException e) {
        if (e instanceof S3Exception s3 && s3.awsErrorDetails() != null) {
            var answer = s3.awsErrorDetails().sdkHttpResponse();
            String region = answer == null
                    ? ""
                    : answer.firstMatchingHeader("x-amz-bucket-region").orElse("");
            return WORD.matcher(region).matches() ? ", " + region : "";
        }
        return "";
    }

    private static int status(SdkException e) {
        return e instanceof AwsServiceException service ? service.statusCode() : 0;
    }

    private static String code(SdkException e) {
        if (e instanceof AwsServiceException service && service.awsErrorDetails() != null) {
            String code = service.awsErrorDetails().errorCode();
            return code != null && WORD.matcher(code).matches() ? code : "";
        }
        return "";
    }
}
