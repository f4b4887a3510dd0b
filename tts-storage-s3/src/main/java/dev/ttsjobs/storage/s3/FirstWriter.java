package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.storage.s3.Bucket.Seen;
import dev.ttsjobs.time.Sleeper;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Puts an object where there is none. After every answer that leaves a doubt the object is looked at and compared with the
 * file before anything is said. Thread-safe.
 */
final class FirstWriter {

    private static final int ATTEMPTS = 4;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Bucket bucket;
    private final Dress dress;
    private final long partSize;
    private final Sleeper sleeper;
    /** Until the server says that it does not know conditions. */
    private volatile boolean conditional = true;

    FirstWriter(Bucket bucket, Dress dress, long partSize, Sleeper sleeper) {
        this.bucket = bucket;
        this.dress = dress;
        this.partSize = partSize;
        this.sleeper = sleeper;
    }

    /** @return whether the name now shows the bytes of the file */
    boolean put(AudioName name, Path file) {
        Content content = Content.of(file);
        for (int attempt = 1; ; attempt++) {
            boolean ifAbsent = conditional;
            if (!ifAbsent) {
                Seen there = bucket.look(name);
                if (there != null) {
                    return there.shows(content);
                }
            }
            SdkException refusal = upload(name, file, content, ifAbsent);
            if (refusal == null) {
                return true;
            }
            if (ifAbsent && Trouble.isNotImplemented(refusal)) {
                conditional = false;
                continue;
            }
            if (!Trouble.isDoubtful(refusal)) {
                throw bucket.explain(refusal);
            }
            Seen seen = lookAfter(refusal, name);
            if (seen != null) {
                return seen.shows(content);
            }
            // Taken and yet absent: another's upload failed, or the object was deleted since.
            if (!Trouble.isTaken(refusal) || attempt == ATTEMPTS) {
                throw bucket.explain(refusal);
            }
            pause(PAUSE.multipliedBy(attempt));
        }
    }

    private @Nullable SdkException upload(AudioName name, Path file, Content content, boolean ifAbsent) {
        String type = name.format().mediaType();
        String key = bucket.key(name);
        try {
            if (content.size() > partSize) {
                var request = dress.begin(type, content).bucket(bucket.name).key(key);
                new Parts(bucket.client, partSize).upload(request.build(), file, content.size(), ifAbsent);
                return null;
            }
            PutObjectRequest.Builder request =
                    dress.put(type, content).bucket(bucket.name).key(key);
            if (ifAbsent) {
                request.ifNoneMatch("*");
            }
            bucket.client.putObject(request.build(), RequestBody.fromFile(file));
            return null;
        } catch (SdkException e) {
            return e;
        }
    }

    private @Nullable Seen lookAfter(SdkException refusal, AudioName name) {
        try {
            return bucket.look(name);
        } catch (StorageException e) {
            e.addSuppressed(refusal);
            throw e;
        }
    }

    private void pause(Duration duration) {
        try {
            sleeper.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException("interrupted while another upload of the same name was under way", e);
        }
    }
}
