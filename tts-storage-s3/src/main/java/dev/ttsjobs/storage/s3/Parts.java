package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;

/**
 * Uploads a large file in parts that are read from the disk as they are sent. Nothing is seen under the name before the
 * last step, and after a failure the parts are thrown away.
 */
final class Parts {

    private static final int BUFFER = 16_384;

    private final S3Client client;
    private final long size;

    /** @param size of a part in bytes: servers take no less than 5 MiB, but for the last one, and no more than 10,000 */
    Parts(S3Client client, long size) {
        this.client = client;
        this.size = size;
    }

    /**
     * @param ifAbsent whether the last step is to be refused when there is an object already; not every server knows that
     * @throws SdkException when a step failed; after the last one, the object may be there
     */
    void upload(CreateMultipartUploadRequest request, Path file, long length, boolean ifAbsent) {
        String id = client.createMultipartUpload(request).uploadId();
        try {
            List<CompletedPart> sent = new ArrayList<>();
            for (long offset = 0; offset < length; offset += size) {
                sent.add(send(request, id, sent.size() + 1, file, offset, Math.min(size, length - offset)));
            }
            client.completeMultipartUpload(last -> {
                last.bucket(request.bucket()).key(request.key()).uploadId(id).multipartUpload(all -> all.parts(sent));
                if (ifAbsent) {
                    last.ifNoneMatch("*");
                }
            });
        } catch (SdkException | StorageException e) {
            abort(request, id, e);
            throw e;
        }
    }

    private CompletedPart send(
            CreateMultipartUploadRequest request, String id, int number, Path file, long offset, long length) {
        String md5;
        try (InputStream in = at(file, offset)) {
            md5 = Content.md5(in, length);
        } catch (IOException e) {
            throw new StorageException("the file to be stored cannot be read", e);
        }
        String tag = client.uploadPart(
                        part -> part.bucket(request.bucket())
                                .key(request.key())
                                .uploadId(id)
                                .partNumber(number)
                                .contentLength(length)
                                .contentMD5(md5),
                        // Opened anew for each attempt.
                        RequestBody.fromContentProvider(() -> open(file, offset), length, "application/octet-stream"))
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    private static InputStream open(Path file, long offset) {
        try {
            return at(file, offset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream at(Path file, long offset) throws IOException {
        InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
        try {
            in.skipNBytes(offset);
            return new BufferedInputStream(in, BUFFER);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private void abort(CreateMultipartUploadRequest request, String id, Exception why) {
        try {
            client.abortMultipartUpload(
                    upload -> upload.bucket(request.bucket()).key(request.key()).uploadId(id));
        } catch (SdkException e) {
            // Gone already when the last step had worked after all; else the bucket's lifecycle rule removes it.
            why.addSuppressed(e);
        }
    }
}
