package dev.varve.store.remote;

import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import io.lettuce.core.RedisFuture;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects in a remote store, copies of what processes hold for themselves. Whatever goes wrong is a
 * miss and is counted. A name that could not be removed or replaced there is not found through this
 * one until it could. Thread-safe.
 */
public final class RemoteObjects {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteObjects.class);

  private static final byte[] HEAD = "m".getBytes(StandardCharsets.US_ASCII);

  /** Extents that are on their way at once. */
  private static final int BATCH = 8;

  /** Names that wait for their removal at most; beyond, nothing is found until one is done. */
  private static final int MOST_STALE = 1 << 16;

  private final RemoteLink link;
  private final RemoteCounters counters;
  private final LongSupplier millis;
  private final LongSupplier random;
  private final Set<String> stale = ConcurrentHashMap.newKeySet();

  /**
   * @param millis since 1970
   * @param random numbers that never come again
   */
  RemoteObjects(
      RemoteLink link, RemoteCounters counters, LongSupplier millis, LongSupplier random) {
    this.link = link;
    this.counters = counters;
    this.millis = millis;
    this.random = random;
  }

  /** What is there under a name of {@code tenant}, in one round trip. */
  public Optional<RemoteObject> find(Tenant tenant, byte[] name) {
    byte[] key = RemoteKeys.object(tenant, name);
    if (isStale(key)) {
      counters.spared.increment();
      return Optional.empty();
    }
    Answer<byte[]> head = link.ask(commands -> commands.hget(key, HEAD));
    if (head.value().isEmpty()) {
      counters.misses.add(head.reached() ? 1 : 0);
      return Optional.empty();
    }
    return switch (ObjectFrame.read(head.value().get(), tenant, name)) {
      case ObjectFrame.Reading.Sound(RemoteObject object) -> {
        boolean live = !object.info().expired(millis.getAsLong());
        (live ? counters.hits : counters.misses).increment();
        object.inline().ifPresent(part -> counters.readBytes.add(part.byteSize()));
        yield Optional.of(object).filter(_ -> live);
      }
      case ObjectFrame.Reading.Refused(String reason) -> {
        damaged(reason);
        yield Optional.empty();
      }
    };
  }

  private boolean isStale(byte[] key) {
    return stale.size() >= MOST_STALE || (!stale.isEmpty() && stale.contains(text(key)));
  }

  private static String text(byte[] key) {
    return new String(key, StandardCharsets.US_ASCII);
  }

  private void damaged(String reason) {
    counters.damaged.increment();
    LOG.error("an object in the remote store is damaged and not used: {}", reason);
  }

  /**
   * Shows the bytes of an object, piece by piece, each checked.
   *
   * @param sink may have been shown a front when this returns false
   * @return whether all were there
   */
  public boolean fetch(
      Tenant tenant, byte[] name, RemoteObject object, Consumer<MemorySegment> sink) {
    if (object.inline().isPresent()) {
      sink.accept(object.inline().get());
      return true;
    }
    byte[] key = RemoteKeys.object(tenant, name);
    long length = object.info().length();
    int extents = Math.toIntExact(Math.ceilDiv(length, (long) ObjectFrame.EXTENT_BYTES));
    for (int from = 0; from < extents; from += BATCH) {
      int to = Math.min(extents, from + BATCH);
      List<RemoteLink.Question<byte[]>> questions = new ArrayList<>();
      for (int index = from; index < to; index++) {
        byte[] field = RemoteKeys.extent(object.writer(), index);
        questions.add(commands -> commands.hget(key, field));
      }
      List<Answer<byte[]>> answers = link.askAll(questions);
      for (int index = from; index < to; index++) {
        Optional<MemorySegment> part = part(object, index, answers.get(index - from));
        if (part.isEmpty()) {
          return false;
        }
        sink.accept(part.get());
      }
    }
    return true;
  }

  private Optional<MemorySegment> part(RemoteObject object, int index, Answer<byte[]> answer) {
    long at = (long) index * ObjectFrame.EXTENT_BYTES;
    long bytes = Math.min(ObjectFrame.EXTENT_BYTES, object.info().length() - at);
    if (answer.value().isEmpty()) {
      return Optional.empty();
    }
    byte[] field = RemoteKeys.extent(object.writer(), index);
    Optional<MemorySegment> part = ObjectFrame.part(field, answer.value().get(), bytes);
    part.ifPresentOrElse(
        _ -> counters.readBytes.add(bytes),
        () -> damaged("extent " + index + " is not what was written"));
    return part;
  }

  /**
   * Stores a copy of an object in place of what is there.
   *
   * @param lease of the object; the caller closes it
   * @param group digest of a name that objects share which live and die together
   * @return false if not all of it was taken: then nothing is found there
   */
  public boolean store(Tenant tenant, byte[] name, ObjectLease lease, Optional<Digest256> group) {
    byte[] key = RemoteKeys.object(tenant, name);
    boolean stored = write(tenant, name, key, lease, group);
    if (stored) {
      counters.wrote(lease.length());
      stale.remove(text(key));
    } else {
      var _ = remove(key);
    }
    return stored;
  }

  private boolean write(
      Tenant tenant, byte[] name, byte[] key, ObjectLease lease, Optional<Digest256> group) {
    ObjectInfo info = lease.info();
    long writer = random.getAsLong();
    Optional<MemorySegment> inline = Optional.empty();
    if (info.length() <= ObjectFrame.EXTENT_BYTES) {
      MemorySegment whole = MemorySegment.ofArray(new byte[Math.toIntExact(info.length())]);
      if (!lease.read(0, whole)) {
        return false;
      }
      inline = Optional.of(whole);
    }
    if (!link.ask(commands -> commands.unlink(key)).reached()
        || (inline.isEmpty() && !writeExtents(key, writer, lease))) {
      return false;
    }
    byte[] head = ObjectFrame.head(tenant, name, new RemoteObject(info, group, writer, inline));
    long end =
        Math.min(
            info.expiresAtMillis(), millis.getAsLong() + link.config().timeToLive().toMillis());
    return link
        .<Object>askAll(
            List.of(
                commands -> cast(commands.hset(key, HEAD, head)),
                commands -> cast(commands.pexpireat(key, end))))
        .stream()
        .allMatch(Answer::reached);
  }

  @SuppressWarnings("unchecked") // whoever waits looks at nothing but whether it came
  private static RedisFuture<Object> cast(RedisFuture<?> future) {
    return (RedisFuture<Object>) future;
  }

  private boolean writeExtents(byte[] key, long writer, ObjectLease lease) {
    long length = lease.length();
    List<RemoteLink.Question<Boolean>> questions = new ArrayList<>();
    for (long at = 0; at < length; at += ObjectFrame.EXTENT_BYTES) {
      int bytes = (int) Math.min(ObjectFrame.EXTENT_BYTES, length - at);
      MemorySegment part = MemorySegment.ofArray(new byte[bytes]);
      if (!lease.read(at, part)) {
        return false;
      }
      byte[] field = RemoteKeys.extent(writer, (int) (at / ObjectFrame.EXTENT_BYTES));
      byte[] frame = ObjectFrame.extent(field, part);
      questions.add(commands -> commands.hset(key, field, frame));
      if (questions.size() == BATCH || at + bytes == length) {
        if (!link.askAll(questions).stream().allMatch(Answer::reached)) {
          return false;
        }
        questions.clear();
        // So that what is never finished leaves, too.
        long live = link.config().timeToLive().toMillis();
        if (!link.ask(commands -> commands.pexpire(key, live)).reached()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Removes an object for everybody who does not hold a copy; now, or once somebody answers. */
  public void remove(Tenant tenant, byte[] name) {
    var _ = remove(RemoteKeys.object(tenant, name));
  }

  private boolean remove(byte[] key) {
    boolean removed = link.ask(commands -> commands.unlink(key)).reached();
    if (removed) {
      stale.remove(text(key));
    } else if (stale.size() < MOST_STALE) {
      stale.add(text(key));
    }
    return removed;
  }

  /** Tries again what could not be removed; returns how many names were. */
  public int work() {
    int done = 0;
    for (String key : stale) {
      if (!remove(key.getBytes(StandardCharsets.US_ASCII))) {
        return done;
      }
      done++;
    }
    return done;
  }
}
