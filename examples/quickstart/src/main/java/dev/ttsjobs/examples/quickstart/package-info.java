/** The lines of the README as a program. */
package dev.ttsjobs.examples.quickstart;
