package dev.ttsjobs.examples.benchmark;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** A data source that counts what is sent through it. Thread-safe. */
final class Counted {

    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong commits = new AtomicLong();
    private final DataSource source;

    Counted(DataSource source) {
        this.source = around(DataSource.class, source);
    }

    DataSource source() {
        return source;
    }

    /** Statements that were executed; a batch counts once. */
    long statements() {
        return statements.get();
    }

    /** Transactions that were ended by a commit of their own. */
    long commits() {
        return commits.get();
    }

    private <T> T around(Class<T> type, Object real) {
        return type.cast(Proxy.newProxyInstance(
                Counted.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    if (real instanceof Statement && method.getName().startsWith("execute")) {
                        statements.incrementAndGet();
                    } else if (method.getName().equals("commit")) {
                        commits.incrementAndGet();
                    }
                    try {
                        Object result = method.invoke(real, given);
                        return method.getName().equals("unwrap") ? result : wrapped(result);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private Object wrapped(Object result) {
        if (result instanceof CallableStatement) {
            return around(CallableStatement.class, result);
        } else if (result instanceof PreparedStatement) {
            return around(PreparedStatement.class, result);
        } else if (result instanceof Statement) {
            return around(Statement.class, result);
        }
        return result instanceof Connection ? around(Connection.class, result) : result;
    }
}
