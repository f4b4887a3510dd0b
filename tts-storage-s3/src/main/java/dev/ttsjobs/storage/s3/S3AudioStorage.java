package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Audio files as objects in an S3 bucket, or on a server that speaks its protocol: {@code prefix/ab/abcd….mp3}.
 *
 * <p>An upload says its length and checksum, and that it wants to be the first ({@code If-None-Match: *}); the server
 * shows an object only when all of it arrived. After every answer that leaves a doubt (the connection broke, the server
 * failed, an object is already there) the object is looked at and compared with the file before anything is said. A
 * server that does not know {@code If-None-Match} and says so is asked beforehand instead: there, two processes that put
 * one name at the same moment may both be told that they were first.
 *
 * <p>Keys, region, endpoint and proxies come from the AWS SDK's own chain (environment, system properties, profile, role)
 * unless the builder says otherwise. Nothing is sent before the first call: {@link #check()} tells whether all of it is
 * right. Thread-safe.
 */
public final class S3AudioStorage implements AudioStorage {

    private static final int ATTEMPTS = 4;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final String NAMED = "named/";
    private static final byte[] PROBE = {1};

    private final S3Client client;
    private final S3Presigner presigner;
    private final String bucket;
    private final String prefix;
    private final @Nullable String publicBaseUrl;
    private final Duration signedFor;
    private final Uploads uploads;
    private final Dress dress;
    private final long partSize;
    private final Sleeper sleeper;
    private final Trouble trouble;
    private volatile boolean conditional = true;

    private S3AudioStorage(Builder settings, S3Client client, S3Presigner presigner, Uploads uploads) {
        this.client = client;
        this.presigner = presigner;
        this.bucket = settings.bucket;
        this.prefix = settings.prefix;
        this.publicBaseUrl = settings.publicBaseUrl;
        this.signedFor = settings.signedFor;
        this.uploads = uploads;
        this.dress = settings.dress;
        this.partSize = settings.partSize;
        this.sleeper = settings.sleeper;
        this.trouble = new Trouble(bucket);
    }

    /**
     * Starts the settings of a storage in a bucket, which must exist.
     *
     * @throws IllegalArgumentException when the name is blank
     */
    public static Builder builder(String bucket) {
        return new Builder(bucket);
    }

    @Override
    public boolean put(AudioName name, Path file) {
        Content content = Content.of(file);
        for (int attempt = 1; ; attempt++) {
            boolean ifAbsent = conditional;
            if (!ifAbsent) {
                Seen there = look(name);
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
                throw trouble.explain(refusal);
            }
            Seen seen = lookAfter(refusal, name);
            if (seen != null) {
                return seen.shows(content);
            }
            // Taken and yet absent: another's upload failed, or the object was deleted since.
            if (!Trouble.isTaken(refusal) || attempt == ATTEMPTS) {
                throw trouble.explain(refusal);
            }
            pause(PAUSE.multipliedBy(attempt));
        }
    }

    private @Nullable SdkException upload(AudioName name, Path file, Content content, boolean ifAbsent) {
        String type = name.format().mediaType();
        try {
            if (content.size() > partSize) {
                var request = dress.begin(type, content).bucket(bucket).key(key(name));
                new Parts(client, partSize).upload(request.build(), file, content.size(), ifAbsent);
                return null;
            }
            PutObjectRequest.Builder request =
                    dress.put(type, content).bucket(bucket).key(key(name));
            if (ifAbsent) {
                request.ifNoneMatch("*");
            }
            client.putObject(request.build(), RequestBody.fromFile(file));
            return null;
        } catch (SdkException e) {
            return e;
        }
    }

    private @Nullable Seen lookAfter(SdkException refusal, AudioName name) {
        try {
            return look(name);
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

    /** What an object was found to be; the digest is null where another program wrote it. */
    private record Seen(long size, @Nullable String sha256) {
        boolean shows(Content content) {
            return size == content.size() && content.sha256().equals(sha256);
        }
    }

    /**
     * Reads the first byte: unlike the answer to HEAD, the answer to this says why it is none, so that a missing bucket
     * is not taken for a missing object.
     */
    private @Nullable Seen look(AudioName name) {
        GetObjectRequest request = get(name).range("bytes=0-0").build();
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
                        "in the bucket " + bucket + ", " + key(name)
                                + " is empty, which this library never wrote: remove it",
                        e);
            }
            throw trouble.explain(e);
        } catch (IOException | NumberFormatException e) {
            throw trouble.brokenAnswer(e);
        }
    }

    @Override
    public OptionalLong find(AudioName name) {
        Seen seen = look(name);
        return seen == null ? OptionalLong.empty() : OptionalLong.of(seen.size());
    }

    @Override
    public InputStream open(AudioName name) {
        try {
            return new AudioBody(client.getObject(get(name).build()));
        } catch (SdkException e) {
            if (Trouble.isAbsent(e)) {
                throw new StorageException("there is no audio " + name, e);
            }
            throw trouble.explain(e);
        }
    }

    @Override
    public void delete(AudioName name) {
        explained(() -> client.deleteObject(request -> request.bucket(bucket).key(key(name))));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Without a public base URL this is an address that is signed now and works for a while: never keep it.
     */
    @Override
    public URI url(AudioName name) {
        return address(name.value());
    }

    private URI address(String path) {
        if (publicBaseUrl != null) {
            return URI.create(publicBaseUrl + "/" + path);
        }
        GetObjectRequest request =
                GetObjectRequest.builder().bucket(bucket).key(prefix + path).build();
        return explained(() -> URI.create(presigner
                .presignGetObject(link -> link.signatureDuration(signedFor).getObjectRequest(request))
                .url()
                .toExternalForm()));
    }

    /**
     * {@inheritDoc}
     *
     * <p>The server makes the copy, {@code prefix/named/card-7_de.mp3}, with {@code Cache-Control: no-cache} and the title
     * of the name in its content disposition. A copy is of 5 GiB at most.
     */
    @Override
    public void publish(AudioName audio, PublicName name) {
        if (audio.format() != name.format()) {
            throw new IllegalArgumentException("audio in one format cannot be published as another");
        }
        Seen seen = look(audio);
        if (seen == null) {
            throw new StorageException("there is no audio " + audio);
        }
        try {
            client.copyObject(dress.copy(audio, name, seen.sha256())
                    .sourceBucket(bucket)
                    .sourceKey(key(audio))
                    .destinationBucket(bucket)
                    .destinationKey(key(name))
                    .build());
        } catch (SdkException e) {
            if (Trouble.isAbsent(e)) {
                throw new StorageException("there is no audio " + audio, e);
            }
            throw trouble.explain(e);
        }
    }

    @Override
    public void unpublish(PublicName name) {
        explained(() -> client.deleteObject(request -> request.bucket(bucket).key(key(name))));
    }

    @Override
    public InputStream open(PublicName name) {
        try {
            return new AudioBody(client.getObject(
                    GetObjectRequest.builder().bucket(bucket).key(key(name)).build()));
        } catch (SdkException e) {
            if (Trouble.isAbsent(e)) {
                throw new StorageException("nothing is published as " + name, e);
            }
            throw trouble.explain(e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Without a public base URL this is an address that is signed now and works for a while: never keep it.
     */
    @Override
    public URI url(PublicName name) {
        return address(NAMED + name);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Takes a request for a thousand names, and one for each.
     */
    @Override
    public void published(BiConsumer<PublicName, AudioName> action) {
        String folder = prefix + NAMED;
        explained(() -> {
            client.listObjectsV2Paginator(list -> list.bucket(bucket).prefix(folder))
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
            audio = client.headObject(object -> object.bucket(bucket).key(key(known)))
                    .metadata()
                    .get(Dress.AUDIO);
        } catch (S3Exception e) {
            if (Trouble.isGone(e)) {
                return;
            }
            throw e;
        }
        if (audio == null || !AudioName.isName(audio)) {
            throw new StorageException("in the bucket " + bucket + ", " + key(known)
                    + " does not say which audio is published, and this library never wrote it: remove it");
        }
        action.accept(known, new AudioName(audio));
    }

    @Override
    public Path spoolDirectory() {
        return uploads.directory();
    }

    /** Writes an object of one byte, always the same one: {@code prefix/check}. */
    @Override
    public void check() {
        uploads.directory();
        explained(() -> client.putObject(
                request -> request.bucket(bucket)
                        .key(prefix + "check")
                        .contentMD5(Content.md5(PROBE))
                        .contentType("application/octet-stream"),
                RequestBody.fromBytes(PROBE)));
    }

    @Override
    public void close() {
        client.close();
        presigner.close();
        uploads.close();
    }

    @Override
    public String toString() {
        return "S3AudioStorage[" + bucket + "/" + prefix + "]";
    }

    private GetObjectRequest.Builder get(AudioName name) {
        return GetObjectRequest.builder().bucket(bucket).key(key(name));
    }

    private String key(AudioName name) {
        return prefix + name;
    }

    private String key(PublicName name) {
        return prefix + NAMED + name;
    }

    private <T> T explained(Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw trouble.explain(e);
        }
    }

    /** The settings of an {@link S3AudioStorage}. Not thread-safe; what it builds is. */
    public static final class Builder {

        private static final long MEBIBYTE = 1 << 20;
        private static final long SMALLEST_PART = 5 * MEBIBYTE;
        private static final long LARGEST_PART = 5 * 1024 * MEBIBYTE;
        private static final int MOST_TAGS = 10;
        private static final Duration LONGEST_LINK = Duration.ofDays(7);
        private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9!_.*'()-]+/)*");

        private final String bucket;
        private String prefix = "";
        private @Nullable String publicBaseUrl;
        private Duration signedFor = Duration.ofMinutes(15);
        private @Nullable String region;
        private @Nullable URI endpoint;
        private boolean pathStyle;
        private @Nullable AwsCredentialsProvider credentials;
        private @Nullable Path spool;
        private int connections = 64;
        private Duration timeout = Duration.ofSeconds(15);
        private Dress dress = Dress.PLAIN;
        private long partSize = 16 * MEBIBYTE;
        private @Nullable Boolean requestChecksums;
        private Sleeper sleeper = Sleeper.system();
        private @Nullable BackoffStrategy pauses;

        private Builder(String bucket) {
            if (bucket.isBlank()) {
                throw new IllegalArgumentException("the name of the bucket is missing");
            }
            this.bucket = bucket;
        }

        /**
         * What all keys begin with, for instance {@code tts/audio}; nothing by default. Slashes around it make no
         * difference.
         *
         * @throws IllegalArgumentException when a part is {@code .} or {@code ..}, or holds other characters than
         *     letters, digits and {@code ! _ . * ' ( ) -}
         */
        public Builder prefix(String prefix) {
            String inner = prefix.replaceAll("^/+|/+$", "");
            String path = inner.isEmpty() ? "" : inner + "/";
            if (!PREFIX.matcher(path).matches() || ("/" + path).contains("/./") || ("/" + path).contains("/../")) {
                throw new IllegalArgumentException("not a prefix for keys in a bucket");
            }
            this.prefix = path;
            return this;
        }

        /**
         * Where the objects under the prefix are served to the public, by the bucket itself or a CDN. Without it, addresses
         * are signed when they are asked for, and expire.
         *
         * @throws IllegalArgumentException when the address is not absolute or has a query or fragment
         */
        public Builder publicBaseUrl(URI url) {
            if (!url.isAbsolute() || url.isOpaque() || url.getRawQuery() != null || url.getRawFragment() != null) {
                throw new IllegalArgumentException(
                        "the public address of the audio must be absolute, without query and fragment: " + url);
            }
            this.publicBaseUrl = url.toString().replaceAll("/+$", "");
            return this;
        }

        /**
         * How long a signed address works: from a second to 7 days, 15 minutes by default. One that is signed with a role's
         * key ends with that key, should that be earlier.
         *
         * @throws IllegalArgumentException when it is out of range
         */
        public Builder signedFor(Duration lifetime) {
            if (lifetime.compareTo(Duration.ofSeconds(1)) < 0 || lifetime.compareTo(LONGEST_LINK) > 0) {
                throw new IllegalArgumentException("a signed address works from a second to 7 days");
            }
            this.signedFor = lifetime;
            return this;
        }

        /** The region of the bucket; by default what the SDK finds ({@code AWS_REGION} and so on). */
        public Builder region(String region) {
            this.region = region;
            return this;
        }

        /**
         * The address of a server that speaks the protocol; by default what the SDK finds ({@code AWS_ENDPOINT_URL_S3}), or
         * AWS itself. Turns {@link #pathStyle} on, and the region into {@code us-east-1} where none is set.
         */
        public Builder endpoint(URI endpoint) {
            this.endpoint = endpoint;
            this.pathStyle = true;
            return this;
        }

        /** Whether the bucket is named in the path of requests, not in the host name; false by default. */
        public Builder pathStyle(boolean pathStyle) {
            this.pathStyle = pathStyle;
            return this;
        }

        /** Where the access key comes from; by default the SDK's chain, which reads a profile's file again when it has changed. */
        public Builder credentials(AwsCredentialsProvider credentials) {
            this.credentials = credentials;
            return this;
        }

        /**
         * The directory for files on their way, made if it is missing. Several processes may share it; what killed ones left
         * is removed after a day. By default a temporary directory of this process, which stays when the process is killed.
         */
        public Builder spool(Path directory) {
            this.spool = directory;
            return this;
        }

        /**
         * How many requests may be under way at once, streams that are being read included; 64 by default.
         *
         * @throws IllegalArgumentException when it is less than 1
         */
        public Builder connections(int connections) {
            if (connections < 1) {
                throw new IllegalArgumentException("at least one connection is needed");
            }
            this.connections = connections;
            return this;
        }

        /**
         * How long one request may take with all its attempts, at most three of half that time; 15 seconds by default: less
         * than the 20 seconds of a worker's lease, so that nobody uploads for long what is another's by then. An upload in
         * parts is a request for each part. The silence between two bytes of an answer ends it, too.
         *
         * @throws IllegalArgumentException when it is zero or negative
         */
        public Builder timeout(Duration timeout) {
            if (timeout.isZero() || timeout.isNegative()) {
                throw new IllegalArgumentException("the timeout must be positive");
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * The size in bytes from which a file is sent in parts of that size, each repeated by itself when it fails; from 5 MiB
         * to 5 GiB, 16 MiB by default (70 minutes of MP3 at 32 kbit/s). Parts of a process that was killed are seen by
         * nobody, but cost room: give the bucket a lifecycle rule {@code AbortIncompleteMultipartUpload}. A server that
         * ignores {@code If-None-Match} on the last step (Ceph RGW 16 does) may let the later of two simultaneous writers
         * win.
         *
         * @throws IllegalArgumentException when it is out of range
         */
        public Builder partSize(long bytes) {
            if (bytes < SMALLEST_PART || bytes > LARGEST_PART) {
                throw new IllegalArgumentException("a part has from 5 MiB to 5 GiB");
            }
            this.partSize = bytes;
            return this;
        }

        /**
         * The storage class of new objects, for instance {@code STANDARD_IA}; the bucket's by default. Audio in a class that
         * must be restored before it is read cannot be served.
         */
        public Builder storageClass(String storageClass) {
            this.dress = dress.withStorageClass(storageClass);
            return this;
        }

        /** Has the server encrypt new objects with a key of its own (SSE-S3, AES-256); by default the bucket decides. */
        public Builder encrypted() {
            this.dress = dress.withEncryption(ServerSideEncryption.AES256, null);
            return this;
        }

        /**
         * Has the server encrypt new objects with a KMS key; by default the bucket decides.
         *
         * @param key its id or ARN
         */
        public Builder encryptedWith(String key) {
            this.dress = dress.withEncryption(ServerSideEncryption.AWS_KMS, key);
            return this;
        }

        /**
         * Tags of new objects, for lifecycle rules and bills; none by default. The access key then needs
         * {@code s3:PutObjectTagging}.
         *
         * @throws IllegalArgumentException when there are more than 10, or a name is blank
         */
        public Builder tags(Map<String, String> tags) {
            if (tags.size() > MOST_TAGS || tags.keySet().stream().anyMatch(String::isBlank)) {
                throw new IllegalArgumentException("an object has at most 10 tags, each with a name");
            }
            this.dress = dress.withTags(tags);
            return this;
        }

        /**
         * Whether uploads carry the SDK's own checksum (CRC) beside their MD5. By default what
         * {@code AWS_REQUEST_CHECKSUM_CALCULATION} says, else no: servers that are compatible, but older than these
         * checksums, refuse every upload that has one (Ceph RGW 16 does).
         */
        public Builder requestChecksums(boolean requestChecksums) {
            this.requestChecksums = requestChecksums;
            return this;
        }

        /** For tests: nothing that the SDK does is waited for. */
        Builder withoutPauses() {
            this.pauses = BackoffStrategy.retryImmediately();
            return this;
        }

        Builder sleeper(Sleeper sleeper) {
            this.sleeper = sleeper;
            return this;
        }

        /**
         * Makes the storage; sends nothing yet.
         *
         * @throws StorageException when no region is set anywhere, or the spool cannot be made
         */
        public S3AudioStorage build() {
            Uploads uploads = new Uploads(spool, InstantSource.system());
            try {
                Connection connection = new Connection(
                        region,
                        endpoint,
                        pathStyle,
                        credentials == null
                                ? DefaultCredentialsProvider.builder().build()
                                : credentials,
                        connections,
                        timeout,
                        requestChecksums,
                        pauses);
                return new S3AudioStorage(this, connection.client(), connection.presigner(), uploads);
            } catch (SdkException e) {
                uploads.close();
                throw new StorageException(
                        "the settings of the bucket " + bucket + " are not complete, most often AWS_REGION is missing",
                        e);
            }
        }
    }
}
