package dev.ttsjobs.storage.s3;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * How the server is reached and spoken to; what is null the SDK finds by itself.
 *
 * @param pauses before a request is repeated; null for the SDK's own, which grow, and are longer when it is told to slow down
 */
record Connection(
        @Nullable String region,
        @Nullable URI endpoint,
        boolean pathStyle,
        AwsCredentialsProvider credentials,
        int connections,
        Duration timeout,
        @Nullable Boolean checksums,
        @Nullable BackoffStrategy pauses) {

    private static final int ATTEMPTS = 3;

    S3Client client() {
        S3ClientBuilder builder = S3Client.builder()
                .credentialsProvider(credentials)
                .serviceConfiguration(configuration())
                .requestChecksumCalculation(requestChecksums())
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(call -> call.apiCallAttemptTimeout(attempt())
                        .apiCallTimeout(timeout)
                        .retryStrategy(retries()))
                .httpClientBuilder(Apache5HttpClient.builder()
                        .maxConnections(connections)
                        .socketTimeout(timeout)
                        .connectionTimeout(Duration.ofSeconds(10))
                        // Ends before the attempt does, which would cancel it in a way of its own.
                        // Three waits for a connection end before the call's own time does, so that its reason is told.
                        .connectionAcquisitionTimeout(timeout.dividedBy(6))
                        // Clips are small: asking first would cost a round trip each.
                        .expectContinueEnabled(false));
        if (endpoint != null) {
            builder.endpointOverride(endpoint);
        }
        Region where = where();
        if (where != null) {
            builder.region(where);
        }
        return builder.build();
    }

    S3Presigner presigner() {
        S3Presigner.Builder builder =
                S3Presigner.builder().credentialsProvider(credentials).serviceConfiguration(configuration());
        if (endpoint != null) {
            builder.endpointOverride(endpoint);
        }
        Region where = where();
        if (where != null) {
            builder.region(where);
        }
        return builder.build();
    }

    private RetryStrategy retries() {
        StandardRetryStrategy.Builder retries =
                AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(ATTEMPTS);
        if (pauses != null) {
            retries.backoffStrategy(pauses).throttlingBackoffStrategy(pauses);
        }
        return retries.build();
    }

    /** Short enough for a second attempt within the time of the whole. */
    private Duration attempt() {
        return timeout.dividedBy(2);
    }

    /** Unless somebody asked for more: Content-MD5 guards uploads already, and every server understands it. */
    private RequestChecksumCalculation requestChecksums() {
        if (checksums != null) {
            return checksums ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED;
        }
        return SdkSystemSetting.AWS_REQUEST_CHECKSUM_CALCULATION
                .getStringValue()
                .map(RequestChecksumCalculation::fromValue)
                .orElse(RequestChecksumCalculation.WHEN_REQUIRED);
    }

    private S3Configuration configuration() {
        return S3Configuration.builder()
                .pathStyleAccessEnabled(pathStyle)
                // Some servers store the framing of chunks as if it were audio.
                .chunkedEncodingEnabled(false)
                .build();
    }

    /** Null lets the SDK search. Beside an endpoint it is not to ask the cloud's machine: there may be none. */
    private @Nullable Region where() {
        if (region != null) {
            return Region.of(region);
        }
        if (endpoint == null) {
            return null;
        }
        String set = SdkSystemSetting.AWS_REGION.getStringValue().orElse("us-east-1");
        return Region.of(set);
    }
}
