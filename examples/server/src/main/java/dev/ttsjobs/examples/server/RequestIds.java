package dev.ttsjobs.examples.server;

import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Names each call: by its {@code X-Request-Id} where that is a plain word, else by one that is made. The name goes back with
 * the answer, stands in every log line of the call, and goes with the job that it makes. Thread-safe.
 */
final class RequestIds extends Handler.Wrapper {

    static final String HEADER = "X-Request-Id";

    private static final String JOB_ID = "jobId";

    /** What means nothing in a log, a header or a page. */
    private static final Predicate<String> PLAIN =
            Pattern.compile("[A-Za-z0-9._-]{1,64}").asMatchPredicate();

    private final RandomGenerator random;

    RequestIds(RandomGenerator random) {
        this.random = random;
    }

    /** The name of the call that this thread is at; null for none. */
    static @Nullable String current() {
        return MDC.get(Job.REQUEST_ID);
    }

    /** From now on until the call ends, its log lines belong to that job, too. */
    static void about(JobId job) {
        MDC.put(JOB_ID, job.toString());
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String id = name(request);
        response.getHeaders().put(HEADER, id);
        MDC.put(Job.REQUEST_ID, id);
        try {
            return super.handle(request, response, callback);
        } finally {
            MDC.remove(Job.REQUEST_ID);
            MDC.remove(JOB_ID);
        }
    }

    /** The name of a call, which it keeps; also of those that are refused before they get here. */
    String name(Request request) {
        if (request.getAttribute(HEADER) instanceof String named) {
            return named;
        }
        List<String> given = request.getHeaders().getValuesList(HEADER);
        boolean taken = given.size() == 1 && PLAIN.test(given.get(0));
        String id = taken ? given.get(0) : HexFormat.of().toHexDigits(random.nextLong());
        request.setAttribute(HEADER, id);
        return id;
    }
}
