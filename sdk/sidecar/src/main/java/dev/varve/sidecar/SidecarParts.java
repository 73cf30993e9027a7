package dev.varve.sidecar;

import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.tls.Encryption;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectSpace;
import java.util.Optional;
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
 * @param watch hears of every request
 * @param encryption encrypts connections; empty where they are not
 */
public record SidecarParts(
    String version,
    Function<Tenant, ObjectSpace> objects,
    Models models,
    ThreadFactory loops,
    Executor workers,
    LongSupplier millis,
    LongSupplier nanos,
    LongSupplier random,
    RequestWatch watch,
    Optional<Encryption> encryption) {

  /** The same where nobody listens. */
  public SidecarParts(
      String version,
      Function<Tenant, ObjectSpace> objects,
      Models models,
      ThreadFactory loops,
      Executor workers,
      LongSupplier millis,
      LongSupplier nanos,
      LongSupplier random) {
    this(
        version,
        objects,
        models,
        loops,
        workers,
        millis,
        nanos,
        random,
        RequestWatch.NONE,
        Optional.empty());
  }

  /** The same with somebody who listens. */
  public SidecarParts watchedBy(RequestWatch listener) {
    return new SidecarParts(
        version, objects, models, loops, workers, millis, nanos, random, listener, encryption);
  }

  /** The same for connections that are encrypted. */
  public SidecarParts encryptedBy(Optional<Encryption> handlers) {
    return new SidecarParts(
        version, objects, models, loops, workers, millis, nanos, random, watch, handlers);
  }
}
