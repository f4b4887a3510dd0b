package dev.ttsjobs.job;

/** What goes first: clips of a higher priority are always made before those of a lower one. */
public enum Priority {
    LOW,
    NORMAL,
    HIGH
}
