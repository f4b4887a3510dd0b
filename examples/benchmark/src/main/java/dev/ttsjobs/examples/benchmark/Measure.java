package dev.ttsjobs.examples.benchmark;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that measures something, and says before and after how busy the machine was. */
abstract class Measure implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Figures.machine());
        measure(out);
        out.println(Figures.machine());
        out.flush();
        return 0;
    }

    /** Measures, and prints the figures. */
    abstract void measure(PrintWriter out) throws Exception;

    final void complain(String what) {
        spec.commandLine().getErr().println(what);
    }
}
