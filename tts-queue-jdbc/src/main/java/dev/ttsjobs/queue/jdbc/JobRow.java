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
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A job's row: read for a snapshot, or locked, changed in Java and written back. One that this version cannot read as a
 * whole is counted on, so that the clips it shares with others end for them; it is neither shown nor changed otherwise.
 */
final class JobRow {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, String>> ATTRIBUTES = new TypeReference<>() {};

    final long number;
    final JobId id;
    final Job.Details details;
    final int total;
    final long characters;
    private final Instant createdAt;
    private final long version;
    private final int statusOnRecord;
    private final @Nullable Unreadable trouble;

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
        statusOnRecord = row.getInt("status");
        Told told = told(row, number);
        id = told.id;
        details = told.details;
        status = told.status;
        trouble = told.trouble;
        total = row.getInt("total");
        processed = row.getInt("processed");
        failed = row.getInt("failed");
        made = row.getInt("made");
        characters = row.getLong("characters");
        usage = usage(row);
        String code = row.getString("failure_code");
        String message = row.getString("failure_message");
        // The kind has done its work by the time a job shows what went wrong.
        failure = code == null ? null : Failures.of(FailureKind.UNAVAILABLE.name(), code, message);
        createdAt = Micros.toInstant(row.getLong("created_at"));
        startedAt = Micros.nullable(row, "started_at");
        completedAt = Micros.nullable(row, "completed_at");
        version = row.getLong("version");
    }

    /** What a row says of its job that may be unreadable, with stand-ins then. */
    private record Told(
            JobId id,
            Job.Details details,
            JobStatus status,
            @Nullable Unreadable trouble) {}

    private static Told told(ResultSet row, long number) throws SQLException {
        JobId id = new JobId(new UUID(0, number));
        try {
            id = new Columns(row, "the job of number", number).word("id", JobId::parse);
            Columns columns = new Columns(row, "the job", id);
            JobStatus status = columns.oneOf("status", JobStatus.values());
            Priority priority = columns.oneOf("priority", Priority.values());
            Map<String, String> attributes = columns.text("attributes", JobRow::attributes);
            String reference = columns.text(
                    "reference", text -> details("-", text, priority, Map.of()).reference());
            Job.Details details = columns.text("owner", owner -> details(owner, reference, priority, attributes));
            int total = columns.number("total", 0);
            int processed = columns.number("processed", 0, total);
            columns.number("failed", 0, processed);
            return new Told(id, details, status, null);
        } catch (Unreadable e) {
            return new Told(id, details("unreadable", null, Priority.NORMAL, Map.of()), JobStatus.PROCESSING, e);
        }
    }

    private static Job.Details details(
            @Nullable String owner, @Nullable String reference, Priority priority, Map<String, String> attributes) {
        return new Job.Details(owner == null ? "" : owner, reference, priority, attributes);
    }

    /**
     * This row, if it can be read as a whole.
     *
     * @throws Unreadable when it cannot
     */
    JobRow readable() {
        if (trouble != null) {
            throw trouble;
        }
        return this;
    }

    boolean isReadable() {
        return trouble == null;
    }

    /** What a row of a job, or of pruned ones, says that was used. A figure below zero counts for nothing. */
    static Usage usage(ResultSet row) throws SQLException {
        return new Usage(
                used(row, "characters", Long.MAX_VALUE),
                used(row, "billed_characters", Long.MAX_VALUE),
                (int) used(row, "clips", Integer.MAX_VALUE),
                (int) used(row, "billed_clips", Integer.MAX_VALUE),
                (int) used(row, "billed_attempts", Integer.MAX_VALUE),
                Duration.ofMillis(used(row, "billed_audio_ms", Long.MAX_VALUE)));
    }

    private static long used(ResultSet row, String column, long most) throws SQLException {
        return Math.max(0, Math.min(row.getLong(column), most));
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

    private static Map<String, String> attributes(@Nullable String json) {
        try {
            Map<String, String> attributes = JSON.readValue(String.valueOf(json), ATTRIBUTES);
            return details("-", null, Priority.NORMAL, attributes == null ? Map.of() : attributes)
                    .attributes();
        } catch (JsonProcessingException | NullPointerException e) {
            throw new IllegalArgumentException("no map of strings", e);
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

    /** @throws Unreadable when it cannot be read as a whole */
    Job snapshot(Job.@Nullable WaitingFor waitingFor) {
        readable();
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
                    .number("status", row.isReadable() || row.ends ? row.status.ordinal() : row.statusOnRecord)
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
