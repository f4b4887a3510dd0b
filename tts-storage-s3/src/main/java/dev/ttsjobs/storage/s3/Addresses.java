package dev.ttsjobs.storage.s3;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Where listeners fetch objects: below a public address, or at one that is signed for a while.
 *
 * @param publicBase without a slash at its end; null where addresses are signed
 */
record Addresses(
        Bucket bucket, S3Presigner presigner, @Nullable String publicBase, Duration signedFor) {

    /** @param path the key without the prefix */
    URI of(String path) {
        if (publicBase != null) {
            return URI.create(publicBase + "/" + path);
        }
        GetObjectRequest request = bucket.get(bucket.key(path)).build();
        return bucket.explained(() -> URI.create(presigner
                .presignGetObject(link -> link.signatureDuration(signedFor).getObjectRequest(request))
                .url()
                .toExternalForm()));
    }
}
