package dev.ttsjobs.simulation;

import java.nio.file.Path;

/** Where all runs of a test spool. */
record SpoolDirectory(Path path) {}
