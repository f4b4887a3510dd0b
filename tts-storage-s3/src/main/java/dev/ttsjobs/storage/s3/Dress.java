package dev.ttsjobs.storage.s3;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;

/**
 * What every object of a storage carries beside its audio, by the host's choice; what is null or empty is not sent, and
 * the bucket's own defaults hold.
 *
 * @param encryptionKey the name of a KMS key; null for the bucket's
 */
record Dress(
        @Nullable String storageClass,
        @Nullable ServerSideEncryption encryption,
        @Nullable String encryptionKey,
        Map<String, String> tags) {

    static final Dress PLAIN = new Dress(null, null, null, Map.of());
    static final String CACHE_CONTROL = "public, max-age=31536000, immutable";
    static final String SHA256 = "sha256";

    Dress {
        tags = Map.copyOf(tags);
    }

    Dress withStorageClass(String name) {
        return new Dress(name, encryption, encryptionKey, tags);
    }

    Dress withEncryption(ServerSideEncryption how, @Nullable String key) {
        return new Dress(storageClass, how, key, tags);
    }

    Dress withTags(Map<String, String> some) {
        return new Dress(storageClass, encryption, encryptionKey, some);
    }

    PutObjectRequest.Builder put(String mediaType, Content content) {
        PutObjectRequest.Builder request = PutObjectRequest.builder()
                .contentLength(content.size())
                .contentMD5(content.md5())
                .contentType(mediaType)
                .cacheControl(CACHE_CONTROL)
                .metadata(Map.of(SHA256, content.sha256()))
                .storageClass(storageClass)
                .serverSideEncryption(encryption)
                .ssekmsKeyId(encryptionKey);
        return tags.isEmpty() ? request : request.tagging(tagging());
    }

    CreateMultipartUploadRequest.Builder begin(String mediaType, Content content) {
        CreateMultipartUploadRequest.Builder request = CreateMultipartUploadRequest.builder()
                .contentType(mediaType)
                .cacheControl(CACHE_CONTROL)
                .metadata(Map.of(SHA256, content.sha256()))
                .storageClass(storageClass)
                .serverSideEncryption(encryption)
                .ssekmsKeyId(encryptionKey);
        return tags.isEmpty() ? request : request.tagging(tagging());
    }

    private Tagging tagging() {
        return Tagging.builder()
                .tagSet(tags.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(tag -> Tag.builder()
                                .key(tag.getKey())
                                .value(tag.getValue())
                                .build())
                        .toList())
                .build();
    }
}
