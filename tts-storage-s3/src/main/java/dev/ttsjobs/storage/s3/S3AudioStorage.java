package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.Sleeper;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
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

    private static final byte[] PROBE = {1};

    private final Bucket bucket;
    private final Addresses addresses;
    private final FirstWriter writer;
    private final PublicNames names;
    private final Uploads uploads;

    private S3AudioStorage(Builder settings, S3Client client, S3Presigner presigner, Uploads uploads) {
        this.bucket = new Bucket(client, settings.bucket, settings.prefix);
        this.addresses = new Addresses(bucket, presigner, settings.publicBaseUrl, settings.signedFor);
        this.writer = new FirstWriter(bucket, settings.dress, settings.partSize, settings.sleeper);
        this.names = new PublicNames(bucket, settings.dress);
        this.uploads = uploads;
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
        return writer.put(name, file);
    }

    @Override
    public OptionalLong find(AudioName name) {
        Bucket.Seen seen = bucket.look(name);
        return seen == null ? OptionalLong.empty() : OptionalLong.of(seen.size());
    }

    @Override
    public InputStream open(AudioName name) {
        return bucket.open(bucket.key(name), "there is no audio " + name);
    }

    @Override
    public void delete(AudioName name) {
        bucket.delete(bucket.key(name));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Without a public base URL this is an address that is signed now and works for a while: never keep it.
     */
    @Override
    public URI url(AudioName name) {
        return addresses.of(name.value());
    }

    /**
     * {@inheritDoc}
     *
     * <p>The server makes the copy, {@code prefix/named/card-7_de.mp3}, with {@code Cache-Control: no-cache} and the title
     * of the name in its content disposition. A copy is of 5 GiB at most.
     */
    @Override
    public void publish(AudioName audio, PublicName name) {
        names.publish(audio, name);
    }

    @Override
    public void unpublish(PublicName name) {
        bucket.delete(bucket.key(name));
    }

    @Override
    public InputStream open(PublicName name) {
        return bucket.open(bucket.key(name), "nothing is published as " + name);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Without a public base URL this is an address that is signed now and works for a while: never keep it.
     */
    @Override
    public URI url(PublicName name) {
        return addresses.of(Bucket.NAMED + name);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Takes a request for a thousand names, and one for each.
     */
    @Override
    public void published(BiConsumer<PublicName, AudioName> action) {
        names.forEach(action);
    }

    @Override
    public Path spoolDirectory() {
        return uploads.directory();
    }

    /** Writes an object of one byte, always the same one: {@code prefix/check}. */
    @Override
    public void check() {
        uploads.directory();
        bucket.explained(() -> bucket.client.putObject(
                request -> request.bucket(bucket.name)
                        .key(bucket.key("check"))
                        .contentMD5(Content.md5(PROBE))
                        .contentType("application/octet-stream"),
                RequestBody.fromBytes(PROBE)));
    }

    @Override
    public void close() {
        bucket.client.close();
        addresses.presigner().close();
        uploads.close();
    }

    @Override
    public String toString() {
        return "S3AudioStorage[" + bucket.name + "/" + bucket.key("") + "]";
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
         * @throws IllegalArgumentException when the address is not absolute or has a query, fragment, user name or password
         */
        public Builder publicBaseUrl(URI url) {
            if (String.valueOf(url.getRawAuthority()).contains("@")) {
                throw new IllegalArgumentException(
                        "the public address of the audio must not hold a user name or password:"
                                + " everybody who may listen would read it");
            }
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
