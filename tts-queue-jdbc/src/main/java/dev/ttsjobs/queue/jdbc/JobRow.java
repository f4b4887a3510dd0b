package dev.ttsjobs.queue.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.job.Usage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** A job's row: read for a snapshot, or locked, changed in Java and written back. */
final class JobRow {

    private static final ObjectMapper JSON = new ObjectMapper();

    final long number;
    final JobId id;
    final Job.Details details;
    final int total;
    final long characters;
    private final Instant createdAt;
    private final long version;

    JobStatus status;
    int processed;
    int failed;
    int made;
    private Usage usage;

    /** Whether it ended since it was read. */
    boolean ends;

    @Nullable
    Failure failure;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant completedAt;

    private JobRow(ResultSet row) throws SQLException {
        number = row.getLong("number");
        id = JobId.parse(row.getString("id"));
        details = new Job.Details(
                row.getString("owner"),
                row.getString("reference"),
                Priority.values()[row.getInt("priority")],
                attributes(row.getString("attributes")));
        status = JobStatus.values()[row.getInt("status")];
        total = row.getInt("total");
        processed = row.getInt("processed");
        failed = row.getInt("failed");
        made = row.getInt("made");
        characters = row.getLong("characters");
        usage = usage(row);
        String code = row.getString("failure_code");
        String message = row.getString("failure_message");
        // The kind has done its work by the time a job shows what went wrong.
        failure = code == null ? null : Failure.of(FailureKind.UNAVAILABLE, code, Objects.requireNonNull(message));
        createdAt = Micros.toInstant(row.getLong("created_at"));
        startedAt = Micros.nullable(row, "started_at");
        completedAt = Micros.nullable(row, "completed_at");
        version = row.getLong("version");
    }

    /** What a row of a job, or of pruned ones, says that was used. */
    static Usage usage(ResultSet row) throws SQLException {
        return new Usage(
                row.getLong("characters"),
                row.getLong("billed_characters"),
                row.getInt("clips"),
                row.getInt("billed_clips"),
                row.getInt("billed_attempts"),
                Duration.ofMillis(row.getLong("billed_audio_ms")));
    }

    /** A clip was bought on this job's account. */
    void charge(Usage bought) {
        usage = usage.plus(bought);
    }

    static JobRow read(ResultSet row) throws SQLException {
        return new JobRow(row);
    }

    static String json(Map<String, String> attributes) {
        try {
            return JSON.writeValueAsString(attributes);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of strings is always JSON", e);
        }
    }

    private static Map<String, String> attributes(String json) {
        try {
            return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new QueueException("the attributes of a job are not readable", e);
        }
    }

    boolean isLiving() {
        return !status.hasEnded();
    }

    /** Counts phrases that have ended, and ends the job with the last of them; says whether it ended. */
    boolean progress(Instant now, int ended, int lacking, int withAudio) {
        processed += ended;
        failed += lacking;
        made += withAudio;
        if (startedAt == null) {
            startedAt = now;
        }
        if (processed < total) {
            status = JobStatus.PROCESSING;
            return false;
        }
        status = made > 0 ? JobStatus.COMPLETED : JobStatus.FAILED;
        completedAt = now;
        ends = true;
        return true;
    }

    Job snapshot(Job.@Nullable WaitingFor waitingFor) {
        String error = Job.Progress.errorMessage(status, failed, total, failure);
        return new Job(
                id,
                details,
                status,
                new Job.Progress(total, processed, failed, error, isLiving() ? waitingFor : null),
                usage,
                new Job.Timeline(createdAt, startedAt, completedAt, version));
    }

    static void write(Handle handle, Sql sql, Collection<JobRow> rows) {
        Rows written = new Rows(sql, handle, "moveJob");
        for (JobRow row : rows) {
            Failure failure = row.failure;
            written.number("number", row.number)
                    .number("status", row.status.ordinal())
                    .number("processed", row.processed)
                    .number("failed", row.failed)
                    .number("made", row.made)
                    .word("code", failure == null ? null : failure.code())
                    .word("message", failure == null ? null : failure.message())
                    .number("startedAt", row.startedAt == null ? null : Micros.of(row.startedAt))
                    .number("completedAt", row.completedAt == null ? null : Micros.of(row.completedAt))
                    .number("billedCharacters", row.usage.billedCharacters())
                    .number("billedClips", row.usage.billedClips())
                    .number("billedAttempts", row.usage.attempts())
                    .number("billedAudioMs", row.usage.billedAudio().toMillis())
                    .add();
        }
        written.write();
    }
}
