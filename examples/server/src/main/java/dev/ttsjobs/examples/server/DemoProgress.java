package dev.ttsjobs.examples.server;

import java.io.Console;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far the demo is: a bar in a terminal, plain lines elsewhere. For one thread. */
interface DemoProgress extends AutoCloseable {

    /** So many cards are done. */
    void at(int done);

    /** Something worth a line of its own. */
    void say(String words);

    @Override
    void close();

    static DemoProgress on(PrintStream out, int total) {
        return isTerminal() ? new Bar(out, total) : new Lines(out, total);
    }

    /** From JDK 22 on there is a console even where there is no terminal, and a method to ask it. */
    private static boolean isTerminal() {
        Console console = System.console();
        try {
            return console != null
                    && Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
        } catch (ReflectiveOperationException e) {
            // An older JDK: there, a console is a terminal.
            return true;
        }
    }

    /** A bar that moves. */
    final class Bar implements DemoProgress {

        private static final int WIDTH = 78;

        private final ProgressBar bar;
        private final PrintStream out;

        Bar(PrintStream out, int total) {
            this.out = out;
            this.bar = new ProgressBarBuilder()
                    .setTaskName("  Cards")
                    .setInitialMax(total)
                    .setUpdateIntervalMillis(200)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                    .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
                    .build();
        }

        @Override
        public void at(int done) {
            bar.stepTo(done);
        }

        @Override
        public void say(String words) {
            out.println();
            out.println("  " + words);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** A line for each tenth. */
    final class Lines implements DemoProgress {

        private static final int STEPS = 10;

        private final PrintStream out;
        private final int total;
        private int told = -1;

        Lines(PrintStream out, int total) {
            this.out = out;
            this.total = total;
        }

        @Override
        public void at(int done) {
            int step = done * STEPS / Math.max(1, total);
            if (step > told) {
                told = step;
                say(done + " of " + total + " cards");
            }
        }

        @Override
        public void say(String words) {
            out.println("  " + words);
        }

        @Override
        public void close() {
            out.flush();
        }
    }
}
