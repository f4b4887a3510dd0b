/**
 * A deterministic simulation of the engine: several worker processes, their queue, storage, provider and clients, in
 * virtual time, with faults of every kind, from one seed. See {@link dev.ttsjobs.simulation.SimulationTest}.
 */
package dev.ttsjobs.simulation;
