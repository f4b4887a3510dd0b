/** Audio in a bucket: S3 and what speaks its protocol. */
module dev.ttsjobs.storage.s3 {
    requires transitive dev.ttsjobs;
    requires static org.jspecify;
    requires transitive software.amazon.awssdk.auth;
    requires software.amazon.awssdk.awscore;
    requires software.amazon.awssdk.core;
    requires software.amazon.awssdk.http;
    requires software.amazon.awssdk.http.apache5;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.retries;
    requires software.amazon.awssdk.retries.api;
    requires software.amazon.awssdk.services.s3;

    exports dev.ttsjobs.storage.s3;
}
