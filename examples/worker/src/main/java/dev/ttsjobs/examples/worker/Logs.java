package dev.ttsjobs.examples.worker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;

/**
 * How log lines look, without a file to parse at every start. They go to the error stream: what a program prints for
 * people goes to the other one.
 */
public final class Logs extends ContextAwareBase implements Configurator {

    /** Named so that the system property can be set before the first logger is made. */
    private static final String LEVEL = "tts.log.level";

    /** A message cannot pretend to be two. */
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread]"
            // Which job and which request a line belongs to, if any.
            + "%replace( %mdc){'^ $', ''} %logger{0}:"
            + " %replace(%msg){'[\\p{Cntrl}\\x{2028}\\x{2029}]', ' '}%n";

    private static final List<String> TALKATIVE = List.of("org.eclipse.jetty", "io.javalin");

    /**
     * What goes wrong there is also thrown, and said in one line where it is caught; or it repeats word for word what a client
     * sent as a host, and is refused anyway.
     */
    private static final List<String> HEARD_ANYWAY =
            List.of("com.zaxxer.hikari", "io.javalin.Javalin", "org.eclipse.jetty.util.HostPort");

    /** Only warnings from now on; to be called before the first logger is made. */
    public static void onlyWarnings() {
        System.setProperty(LEVEL, "WARN");
    }

    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(loggers);
        appender.setTarget("System.err");
        appender.setEncoder("json".equals(System.getenv("LOG_FORMAT")) ? json(loggers) : text(loggers));
        appender.start();
        loggers.getLogger("ROOT").addAppender(appender);
        loggers.getLogger("ROOT").setLevel(Level.toLevel(System.getProperty(LEVEL), Level.INFO));
        TALKATIVE.forEach(name -> loggers.getLogger(name).setLevel(Level.WARN));
        HEARD_ANYWAY.forEach(name -> loggers.getLogger(name).setLevel(Level.OFF));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static Encoder<ILoggingEvent> text(LoggerContext loggers) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern(PATTERN);
        return started(encoder, loggers);
    }

    private static Encoder<ILoggingEvent> json(LoggerContext loggers) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        return started(encoder, loggers);
    }

    private static Encoder<ILoggingEvent> started(EncoderBase<ILoggingEvent> encoder, LoggerContext loggers) {
        encoder.setContext(loggers);
        encoder.start();
        return encoder;
    }
}
