package dev.ttsjobs.worker;

import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.JobQueue;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;

/** A queue that does what it is asked for and then fails, once: as when the connection breaks in a commit. */
final class LostAnswers {

    private LostAnswers() {}

    /** Loses the first answer of that method that holds something; the limiter's methods are meant too. */
    static JobQueue of(JobQueue queue, String method) {
        return losing(JobQueue.class, queue, method, new AtomicBoolean());
    }

    private static <T> T losing(Class<T> port, T right, String method, AtomicBoolean lost) {
        return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (proxy, called, args) -> {
            Object answer;
            try {
                answer = called.invoke(right, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            boolean empty = answer instanceof Collection<?> some && some.isEmpty();
            if (called.getName().equals(method) && !empty && lost.compareAndSet(false, true)) {
                throw new IllegalStateException("the answer of " + method + " was lost");
            }
            return answer instanceof RateLimiter limiter ? losing(RateLimiter.class, limiter, method, lost) : answer;
        }));
    }
}
