package dev.ttsjobs.queue.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/** A data source whose every call, and those of what it gives out, goes by a tap that may count it, break it, or lose its answer. */
public final class TappedDataSource {

    private static final List<Class<?>> TAPPED = List.of(
            DataSource.class, Connection.class, CallableStatement.class, PreparedStatement.class, Statement.class);

    private TappedDataSource() {}

    /** Stands between the queue and its driver. */
    @FunctionalInterface
    public interface Tap {
        Object call(String method, Call call) throws Throwable;

        /** What the driver is to do. */
        interface Call {
            Object make() throws Throwable;
        }
    }

    public static DataSource of(DataSource real, Tap tap) {
        return tapped(DataSource.class, real, tap);
    }

    private static <T> T tapped(Class<T> type, Object real, Tap tap) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            Object answer = tap.call(method.getName(), () -> invoke(real, method, args));
            for (Class<?> each : TAPPED) {
                if (each.isInstance(answer) && method.getReturnType().isAssignableFrom(each)) {
                    return tapped(each, answer, tap);
                }
            }
            return answer;
        }));
    }

    private static Object invoke(Object real, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(real, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
