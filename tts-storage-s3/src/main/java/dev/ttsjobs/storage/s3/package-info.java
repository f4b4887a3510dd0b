/** Audio files in an S3 bucket, or on a server that speaks its protocol. */
@NullMarked
package dev.ttsjobs.storage.s3;

import org.jspecify.annotations.NullMarked;
