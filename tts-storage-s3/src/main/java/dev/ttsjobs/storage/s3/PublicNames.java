package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.storage.s3.Bucket.Seen;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Copies of audio under readable names, each of which says whose copy it is. Thread-safe. */
final class PublicNames {

    private final Bucket bucket;
    private final Dress dress;

    PublicNames(Bucket bucket, Dress dress) {
        this.bucket = bucket;
        this.dress = dress;
    }

    void publish(AudioName audio, PublicName name) {
        if (audio.format() != name.format()) {
            throw new IllegalArgumentException("audio in one format cannot be published as another");
        }
        String whenAbsent = "there is no audio " + audio;
        Seen seen = bucket.look(audio);
        if (seen == null) {
            throw new StorageException(whenAbsent);
        }
        try {
            bucket.client.copyObject(dress.copy(audio, name, seen.sha256())
                    .sourceBucket(bucket.name)
                    .sourceKey(bucket.key(audio))
                    .destinationBucket(bucket.name)
                    .destinationKey(bucket.key(name))
                    .build());
        } catch (SdkException e) {
            throw bucket.explain(e, whenAbsent);
        }
    }

    void forEach(BiConsumer<PublicName, AudioName> action) {
        String folder = bucket.key(Bucket.NAMED);
        bucket.explained(() -> {
            bucket.client
                    .listObjectsV2Paginator(list -> list.bucket(bucket.name).prefix(folder))
                    .contents()
                    .forEach(object -> tell(object.key().substring(folder.length()), action));
            return folder;
        });
    }

    private void tell(String name, BiConsumer<PublicName, AudioName> action) {
        if (!PublicName.isName(name)) {
            // Another program's, and no reference to audio of ours.
            return;
        }
        PublicName known = PublicName.parse(name);
        String audio;
        try {
            audio = audioOf(known);
        } catch (S3Exception e) {
            if (Trouble.isGone(e)) {
                return;
            }
            throw e;
        }
        if (audio == null || !AudioName.isName(audio)) {
            throw new StorageException("in the bucket " + bucket.name + ", " + bucket.key(known)
                    + " does not say which audio is published, and this library never wrote it: remove it");
        }
        action.accept(known, new AudioName(audio));
    }

    private @Nullable String audioOf(PublicName name) {
        return bucket.client
                .headObject(object -> object.bucket(bucket.name).key(bucket.key(name)))
                .metadata()
                .get(Dress.AUDIO);
    }
}
