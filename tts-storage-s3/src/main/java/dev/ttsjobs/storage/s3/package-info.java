/**
 * Audio files in an S3 bucket, or on a server that speaks its protocol.
 *
 * <p>Of the SDK's two small HTTP clients this uses {@code apache5}. Measured with {@code HttpClients 600} among the tests
 * (files of 40 kB, S3Proxy on loopback, two cores that were busy otherwise, three rounds in turn), one thread put 90, 387 and
 * 293 files a second with it, against 45, 114 and 323 with {@code url-connection}; eight threads put 206, 530 and 353 against
 * 116, 350 and 280, and got 869, 1,214 and 2,190 against 396, 1,046 and 1,401. It also has a pool that is bounded.
 */
@NullMarked
package dev.ttsjobs.storage.s3;

import org.jspecify.annotations.NullMarked;
