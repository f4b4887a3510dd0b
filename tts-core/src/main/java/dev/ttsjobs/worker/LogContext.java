package dev.ttsjobs.worker;

import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import org.slf4j.MDC;

/**
 * Names the job that log lines belong to, in SLF4J's diagnostic context: {@code jobId}, and {@code requestId} where the job
 * has that attribute. Stateless, thread-safe.
 */
final class LogContext {

    private static final String JOB_ID = "jobId";

    private LogContext() {}

    static void about(JobId id, Runnable what) {
        MDC.put(JOB_ID, id.toString());
        try {
            what.run();
        } finally {
            MDC.remove(JOB_ID);
        }
    }

    static void about(Job job, Runnable what) {
        String request = job.details().attributes().get(Job.REQUEST_ID);
        if (request != null) {
            MDC.put(Job.REQUEST_ID, request);
        }
        try {
            about(job.id(), what);
        } finally {
            MDC.remove(Job.REQUEST_ID);
        }
    }
}
