package dev.varve.sidecar.command;

import dev.varve.sidecar.lmcache.LmCacheKey;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.StoredBytes;
import dev.varve.sidecar.value.Values;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one tenant, with what the keys of LMCache ask for on top: of a pair, the half that
 * describes is shown only while the half with the bytes is there, and both die together.
 * Thread-safe.
 */
public final class Keys {

  private static final Logger LOG = LoggerFactory.getLogger(Keys.class);

  private final ObjectSpace space;
  private final Values values;
  private final Counters counters;

  public Keys(ObjectSpace space, Values values, Counters counters) {
    this.space = space;
    this.values = values;
    this.counters = counters;
  }

  /** What is known of a key's value. */
  public Optional<ObjectInfo> info(byte[] key) {
    return counted(shown(key) ? space.info(key) : Optional.empty());
  }

  /** The value, to be read. */
  public Optional<ObjectLease> lease(byte[] key) {
    return counted(shown(key) ? space.lease(key) : Optional.empty());
  }

  /** Bytes of the value; 0 if there is none. */
  public long length(byte[] key) {
    Optional<ObjectLease> found = lease(key);
    found.ifPresent(ObjectLease::close);
    return found.map(ObjectLease::length).orElse(0L);
  }

  /** The value, to be sent. */
  public Optional<StoredBytes> value(byte[] key) {
    return lease(key).flatMap(lease -> values.prepare(lease, 0, lease.length()));
  }

  /** The value, to be sent, if nothing has to be waited for; else empty, which tells nothing. */
  public Optional<StoredBytes> valueNow(byte[] key) {
    Optional<StoredBytes> found =
        LmCacheKey.parse(key).isEmpty() ? values.now(space, key) : Optional.empty();
    found.ifPresent(_ -> counters.hits.increment());
    return found;
  }

  /** A range of a leased value, to be sent; the lease is closed with it. */
  public Optional<StoredBytes> range(ObjectLease lease, long offset, long length) {
    return values.prepare(lease, offset, length);
  }

  private boolean shown(byte[] key) {
    return LmCacheKey.parse(key)
        .map(parsed ->
            !(parsed instanceof LmCacheKey.Metadata half)
                || space.info(half.bytesKey()).isPresent())
        .orElse(true);
  }

  private <T> Optional<T> counted(Optional<T> found) {
    (found.isPresent() ? counters.hits : counters.misses).increment();
    return found;
  }

  /**
   * Stores a value.
   *
   * @return false if the condition of the terms was not met
   * @throws CommandException if there is no room, and the key is none of LMCache's
   */
  public boolean put(byte[] key, Argument value, CommitTerms terms) {
    try (ObjectWriter writer = space.write(key, value.length())) {
      value.forEachPiece(writer::write);
      return commit(key, writer, terms);
    }
  }

  /** Appends to a value; returns the length that it has then. */
  public long append(byte[] key, Argument value) {
    try (ObjectWriter writer = space.append(key)) {
      value.forEachPiece(writer::write);
      return switch (writer.commit(terms(key, CommitTerms.PLAIN.keepingExpiry()))) {
        case CommitResult.Committed(ObjectInfo info) -> info.length();
        case CommitResult.Unmet unmet -> throw new IllegalStateException("unasked: " + unmet);
        case CommitResult.Dropped(String reason) -> throw noRoom(reason);
      };
    }
  }

  private boolean commit(byte[] key, ObjectWriter writer, CommitTerms terms) {
    return switch (writer.commit(terms(key, terms))) {
      case CommitResult.Committed _ -> true;
      case CommitResult.Unmet _ -> false;
      case CommitResult.Dropped(String reason) -> {
        if (LmCacheKey.parse(key).isEmpty()) {
          throw noRoom(reason);
        }
        dropped(reason);
        yield true;
      }
    };
  }

  /** Counts a value of LMCache that was not stored, although the client is told OK. */
  public void dropped(String reason) {
    counters.droppedPuts.increment();
    LOG.warn("a value of LMCache is dropped: {}", reason);
  }

  private static CommandException noRoom(String reason) {
    return CommandException.coded(
        "OOM", "command not allowed when used memory > 'maxmemory': " + reason);
  }

  private static CommitTerms terms(byte[] key, CommitTerms terms) {
    return LmCacheKey.parse(key).flatMap(LmCacheKey::pair).map(terms::inGroup).orElse(terms);
  }

  /** Deletes a value, and the other half of a pair; returns false if there was none. */
  public boolean delete(byte[] key) {
    return space.delete(key);
  }

  /** The same if it still is this version. */
  public boolean delete(byte[] key, long version) {
    return space.delete(key, version);
  }

  /** Has a value end, and the other half of a pair with it; returns false if there was none. */
  public boolean expireAt(byte[] key, long millis) {
    LmCacheKey.parse(key)
        .flatMap(LmCacheKey::otherHalf)
        .ifPresent(other -> space.expireAt(other, millis));
    return space.expireAt(key, millis);
  }

  /** The objects behind the keys. */
  public ObjectSpace space() {
    return space;
  }
}
