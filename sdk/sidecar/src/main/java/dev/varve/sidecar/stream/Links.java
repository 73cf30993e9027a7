package dev.varve.sidecar.stream;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the ways to clients: how fast each was, and how many streams share it now.
 * Bounded: the way that was not used for longest is forgotten. Thread-safe.
 */
public final class Links {

  private static final int MOST = 1024;

  /** Weight of the newest measurement. */
  private static final double NEWEST = 0.5;

  private final Map<String, Link> byPeer = new LinkedHashMap<>(16, 0.75f, true);

  private static final class Link {
    private int streams;
    private double bytesPerSecond;
  }

  /** A stream to {@code peer} begins. */
  synchronized void begin(String peer) {
    byPeer.computeIfAbsent(peer, _ -> new Link()).streams++;
    if (byPeer.size() > MOST) {
      byPeer.values().stream()
          .filter(link -> link.streams == 0)
          .findFirst()
          .ifPresent(oldest -> byPeer.values().remove(oldest));
    }
  }

  /** A stream to {@code peer} is over. */
  synchronized void end(String peer) {
    Link link = byPeer.get(peer);
    if (link != null) {
      link.streams--;
    }
  }

  /** One of the streams to {@code peer} had this throughput. */
  synchronized void measured(String peer, double bytesPerSecond) {
    Link link = byPeer.get(peer);
    if (link != null) {
      double whole = bytesPerSecond * Math.max(1, link.streams);
      link.bytesPerSecond =
          link.bytesPerSecond == 0 ? whole : (1 - NEWEST) * link.bytesPerSecond + NEWEST * whole;
    }
  }

  /** The share of one of the streams to {@code peer}; empty if nothing was measured yet. */
  synchronized OptionalDouble share(String peer) {
    @Nullable Link link = byPeer.get(peer);
    return link == null || link.bytesPerSecond == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(link.bytesPerSecond / Math.max(1, link.streams));
  }

  /** Streams to {@code peer} now. */
  synchronized int streams(String peer) {
    @Nullable Link link = byPeer.get(peer);
    return link == null ? 0 : link.streams;
  }
}
