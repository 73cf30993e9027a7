package dev.varve.client;

import dev.varve.client.internal.LocalConnection;
import dev.varve.client.internal.LocalLease;
import dev.varve.store.BlockChecksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Values in the memory of a server on this machine, which do not change until this is closed or the
 * connection ends. Memory that it gives out is read-only and of no use after {@link #close}: then
 * using it throws. Thread-safe.
 */
public final class HandoverLease implements AutoCloseable {

  private final LocalConnection connection;
  private final long number;
  private final Arena arena;
  private final List<Optional<Part>> parts;
  private boolean open = true;

  /**
   * A value.
   *
   * @param chunk of the context, for a block; else 0
   * @param layer of the model, for a block; else 0
   * @param bytes the server's memory, borrowed until the lease is closed
   * @param crc CRC32C of the bytes, as they were copied there
   */
  public record Part(int chunk, int layer, MemorySegment bytes, int crc) {

    /** Whether the bytes are those that the server copied; reads all of them. */
    public boolean sound() {
      return BlockChecksum.crc32c(bytes) == crc;
    }
  }

  private HandoverLease(
      LocalConnection connection, long number, Arena arena, List<Optional<Part>> parts) {
    this.connection = connection;
    this.number = number;
    this.arena = arena;
    this.parts = List.copyOf(parts);
  }

  /** Takes over a lease of {@code connection}. */
  @SuppressWarnings("restricted") // gives slices of the mapping an end of their own
  static HandoverLease of(LocalLease lease, LocalConnection connection) {
    Arena arena = Arena.ofShared();
    List<Optional<Part>> parts = new ArrayList<>(lease.places().size());
    for (Optional<LocalLease.Place> place : lease.places()) {
      parts.add(
          place.map(at ->
              new Part(
                  at.chunk(),
                  at.layer(),
                  connection.slice(at.offset(), at.length()).reinterpret(arena, null),
                  at.crc())));
    }
    return new HandoverLease(connection, lease.number(), arena, parts);
  }

  /** What was asked for, in that order; absent where there is none. */
  public List<Optional<Part>> parts() {
    return parts;
  }

  /**
   * Whether the server still keeps all of it as it was. Where the connection may have ended while
   * somebody read, this tells afterwards whether what was read was whole.
   */
  public boolean stillHeld() {
    synchronized (this) {
      if (!open) {
        return false;
      }
    }
    return connection.alive();
  }

  /** Gives it back. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      if (!open) {
        return;
      }
      open = false;
    }
    arena.close();
    connection.release(number);
  }
}
