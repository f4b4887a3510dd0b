package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** The objects under a prefix of a bucket: how they are named, looked at, read and deleted. Thread-safe. */
final class Bucket {

    /** What the names of the public begin with. */
    static final String NAMED = "named/";

    final S3Client client;
    final String name;
    private final String prefix;
    private final Trouble trouble;

    /** @param prefix ends with a slash, or is empty */
    Bucket(S3Client client, String name, String prefix) {
        this.client = client;
        this.name = name;
        this.prefix = prefix;
        this.trouble = new Trouble(name);
    }

    String key(String path) {
        return prefix + path;
    }

    String key(AudioName audio) {
        return key(audio.value());
    }

    String key(PublicName published) {
        return key(NAMED + published);
    }

    /** What an object was found to be; the digest is null where another program wrote it. */
    record Seen(long size, @Nullable String sha256) {

        boolean shows(Content content) {
            return size == content.size() && content.sha256().equals(sha256);
        }
    }

    /**
     * Reads the first byte: unlike the answer to HEAD, the answer to this says why it is none, so that a missing bucket
     * is not taken for a missing object.
     */
    @Nullable
    Seen look(AudioName audio) {
        GetObjectRequest request = get(key(audio)).range("bytes=0-0").build();
        try (ResponseInputStream<GetObjectResponse> body = client.getObject(request)) {
            GetObjectResponse answer = body.response();
            String range = answer.contentRange();
            if (range == null) {
                // The server does not know ranges, and sends all of it.
                body.abort();
                return new Seen(answer.contentLength(), answer.metadata().get(Dress.SHA256));
            }
            return new Seen(
                    Long.parseLong(range.substring(range.indexOf('/') + 1)),
                    answer.metadata().get(Dress.SHA256));
        } catch (SdkException e) {
            if (Trouble.isAbsent(e)) {
                return null;
            }
            if (Trouble.isEmpty(e)) {
                throw new StorageException.NoAudio(
                        "in the bucket " + name + ", " + key(audio)
                                + " is empty, which this library never wrote: remove it",
                        e);
            }
            throw trouble.explain(e);
        } catch (IOException | NumberFormatException e) {
            throw trouble.brokenAnswer(e);
        }
    }

    /** @param whenAbsent what is said when there is no such object */
    InputStream open(String key, String whenAbsent) {
        try {
            return new AudioBody(client.getObject(get(key).build()));
        } catch (SdkException e) {
            throw explain(e, whenAbsent);
        }
    }

    void delete(String key) {
        explained(() -> client.deleteObject(request -> request.bucket(name).key(key)));
    }

    GetObjectRequest.Builder get(String key) {
        return GetObjectRequest.builder().bucket(name).key(key);
    }

    StorageException explain(SdkException e) {
        return trouble.explain(e);
    }

    StorageException explain(SdkException e, String whenAbsent) {
        return Trouble.isAbsent(e) ? new StorageException(whenAbsent, e) : trouble.explain(e);
    }

    <T> T explained(Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw trouble.explain(e);
        }
    }
}
