package dev.varve.sidecar;

import dev.varve.sidecar.model.Models;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectSpace;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What a server takes from who starts it.
 *
 * @param version of Varve, which clients may ask for
 * @param objects where the values of each tenant are
 * @param models whose blocks it keeps
 * @param loops makes the threads that move bytes
 * @param workers run what may wait for a disk; not ended by the server
 * @param millis milliseconds since 1970
 * @param nanos like {@link System#nanoTime}
 * @param random numbers that nobody else has, for the identity of a run
 */
public record SidecarParts(
    String version,
    Function<Tenant, ObjectSpace> objects,
    Models models,
    ThreadFactory loops,
    Executor workers,
    LongSupplier millis,
    LongSupplier nanos,
    LongSupplier random) {}
