package dev.varve.sidecar;

import dev.varve.store.Digest256;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.Lifetime;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectPage;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/** The objects of one tenant in the heap, written to be read: the judge of what the server does. */
final class MemoryObjects implements ObjectSpace {

  private final LongSupplier millis;
  private final long capacity;
  private final NavigableMap<String, Stored> byName = new TreeMap<>();
  private long versions;
  private volatile boolean damaged;
  private volatile boolean broken;
  private final CountDownLatch told = new CountDownLatch(1);
  private volatile boolean slow;

  private static final class Stored {
    private final byte[] bytes;
    private final ObjectInfo info;
    private final Optional<Digest256> group;

    Stored(byte[] bytes, ObjectInfo info, Optional<Digest256> group) {
      this.bytes = bytes;
      this.info = info;
      this.group = group;
    }

    byte[] bytes() {
      return bytes;
    }

    ObjectInfo info() {
      return info;
    }

    Optional<Digest256> group() {
      return group;
    }
  }

  MemoryObjects(long capacity, LongSupplier millis) {
    this.capacity = capacity;
    this.millis = millis;
  }

  /** From now on no byte passes its check. */
  void damage() {
    damaged = true;
  }

  /** From now on everything throws. */
  void breakDown() {
    broken = true;
  }

  /** From now on leases take until {@link #hurry}. */
  void slowDown() {
    slow = true;
  }

  /** Ends what {@link #slowDown} began. */
  void hurry() {
    told.countDown();
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  private synchronized Optional<Stored> find(byte[] name) {
    if (broken) {
      throw new IllegalStateException("the disk is gone");
    }
    Stored stored = byName.get(text(name));
    if (stored != null && stored.info().expired(millis.getAsLong())) {
      delete(name);
      return Optional.empty();
    }
    return Optional.ofNullable(stored);
  }

  @Override
  public ObjectWriter write(byte[] name) {
    return new Writer(name.clone(), false);
  }

  @Override
  public ObjectWriter append(byte[] name) {
    return new Writer(name.clone(), true);
  }

  @Override
  public Optional<ObjectLease> lease(byte[] name) {
    if (slow) {
      try {
        told.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted", e);
      }
    }
    return find(name).map(Lease::new);
  }

  @Override
  public boolean readNow(byte[] name, LongFunction<Optional<MemorySegment>> memory) {
    if (damaged || broken) {
      return false;
    }
    Optional<Stored> stored = find(name);
    Optional<MemorySegment> target = stored.flatMap(found -> memory.apply(found.bytes().length));
    target.ifPresent(bytes -> bytes.copyFrom(MemorySegment.ofArray(stored.orElseThrow().bytes())));
    return target.isPresent();
  }

  @Override
  public Optional<ObjectInfo> info(byte[] name) {
    return find(name).map(Stored::info);
  }

  @Override
  public synchronized boolean expireAt(byte[] name, long at) {
    Optional<Stored> stored = find(name);
    stored.ifPresent(now ->
        byName.put(
            text(name),
            new Stored(
                now.bytes(), new ObjectInfo(now.bytes().length, ++versions, at), now.group())));
    return stored.isPresent();
  }

  @Override
  public synchronized boolean delete(byte[] name) {
    if (broken) {
      throw new IllegalStateException("the disk is gone");
    }
    Stored gone = byName.remove(text(name));
    if (gone != null && gone.group().isPresent()) {
      byName.values().removeIf(each -> each.group().equals(gone.group()));
    }
    return gone != null && !gone.info().expired(millis.getAsLong());
  }

  @Override
  public synchronized boolean delete(byte[] name, long version) {
    boolean same = info(name).filter(info -> info.version() == version).isPresent();
    return same && delete(name);
  }

  @Override
  public synchronized long deleteAll() {
    long count = byName.size();
    byName.clear();
    return count;
  }

  @Override
  public synchronized ObjectPage scan(long cursor, int names) {
    List<byte[]> page = new ArrayList<>();
    List<Map.Entry<String, Stored>> all = new ArrayList<>(byName.entrySet());
    int at = (int) cursor;
    for (; at < all.size() && page.size() < names; at++) {
      if (!all.get(at).getValue().info().expired(millis.getAsLong())) {
        page.add(all.get(at).getKey().getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return new ObjectPage(page, at < all.size() ? at : 0);
  }

  @Override
  public synchronized long count() {
    return byName.size();
  }

  @Override
  public synchronized long bytes() {
    return byName.values().stream().mapToLong(stored -> stored.bytes().length).sum();
  }

  private synchronized CommitResult put(
      byte[] name, byte[] bytes, boolean append, CommitTerms terms) {
    Optional<Stored> before = find(name);
    Optional<ObjectInfo> found = before.map(Stored::info);
    if (!terms.precondition().holds(found)) {
      return new CommitResult.Unmet(found);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    if (append && before.isPresent()) {
      whole.writeBytes(before.get().bytes());
    }
    whole.writeBytes(bytes);
    if (bytes() + whole.size() > capacity) {
      return new CommitResult.Dropped("more than " + capacity + " bytes");
    }
    long ends =
        switch (terms.lifetime()) {
          case Lifetime.Endless() -> ObjectInfo.NEVER;
          case Lifetime.Until(long at) -> at;
          case Lifetime.AsBefore() ->
              found.map(ObjectInfo::expiresAtMillis).orElse(ObjectInfo.NEVER);
        };
    ObjectInfo info = new ObjectInfo(whole.size(), ++versions, ends);
    byName.put(text(name), new Stored(whole.toByteArray(), info, terms.group()));
    return new CommitResult.Committed(info);
  }

  private final class Writer implements ObjectWriter {

    private final byte[] name;
    private final boolean append;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Writer(byte[] name, boolean append) {
      this.name = name;
      this.append = append;
    }

    @Override
    public void write(MemorySegment piece) {
      bytes.writeBytes(piece.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public long length() {
      return bytes.size();
    }

    @Override
    public CommitResult commit() {
      return commit(append ? CommitTerms.PLAIN.keepingExpiry() : CommitTerms.PLAIN);
    }

    @Override
    public CommitResult commit(CommitTerms terms) {
      return put(name, bytes.toByteArray(), append, terms);
    }

    @Override
    public void close() {}
  }

  private final class Lease implements ObjectLease {

    private final Stored stored;

    Lease(Stored stored) {
      this.stored = stored;
    }

    @Override
    public ObjectInfo info() {
      return stored.info();
    }

    @Override
    public boolean read(long offset, MemorySegment target) {
      MemorySegment.copy(
          MemorySegment.ofArray(stored.bytes()), offset, target, 0, target.byteSize());
      return !damaged;
    }

    @Override
    public void close() {}
  }
}
