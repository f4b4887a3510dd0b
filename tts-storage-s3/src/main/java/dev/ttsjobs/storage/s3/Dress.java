package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.PublicName;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;
import software.amazon.awssdk.services.s3.model.TaggingDirective;

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
    /** For a name that may show other audio tomorrow: to be kept, but asked about each time. */
    static final String ASK_AGAIN = "public, no-cache";

    static final String SHA256 = "sha256";
    static final String AUDIO = "audio";

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

    CopyObjectRequest.Builder copy(AudioName audio, PublicName name, @Nullable String sha256) {
        Map<String, String> metadata =
                sha256 == null ? Map.of(AUDIO, audio.value()) : Map.of(AUDIO, audio.value(), SHA256, sha256);
        CopyObjectRequest.Builder request = CopyObjectRequest.builder()
                .metadataDirective(MetadataDirective.REPLACE)
                .contentType(name.format().mediaType())
                .contentDisposition(disposition(name))
                .cacheControl(ASK_AGAIN)
                .metadata(metadata)
                .storageClass(storageClass)
                .serverSideEncryption(encryption)
                .ssekmsKeyId(encryptionKey);
        return tags.isEmpty()
                ? request
                : request.taggingDirective(TaggingDirective.REPLACE).tagging(tagging());
    }

    /** The plain name for old programs, and as RFC 8187 has it the title, whatever letters that has. */
    static String disposition(PublicName name) {
        StringBuilder header = new StringBuilder("inline; filename=\"" + name + "\"; filename*=UTF-8''");
        for (byte b : name.title().getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || "._-".indexOf(b) >= 0;
            header.append(plain ? String.valueOf((char) b) : String.format(Locale.ROOT, "%%%02X", b));
        }
        return header.toString();
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
