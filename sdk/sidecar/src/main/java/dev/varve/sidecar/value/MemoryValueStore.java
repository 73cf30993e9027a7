package dev.varve.sidecar.value;

import dev.varve.store.Tenant;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Values in the heap, gone with the process: the judge of other stores, and what a server without
 * tiers has. Keys are walked over in the order of their hashes. Thread-safe.
 */
public final class MemoryValueStore implements ValueStore {

  private static final int PIECE = 1 << 20;

  private final LongSupplier millis;
  private final long capacity;
  private final Map<Tenant, NavigableMap<Place, Entry>> tenants = new ConcurrentHashMap<>();
  private long used;

  private record Entry(byte[] bytes, long expiresAtMillis) {}

  /** A key's place in the walk: its hash, then its bytes. */
  private record Place(long hash, byte[] key) implements Comparable<Place> {
    static Place of(byte[] key) {
      return new Place(KeyHash.of(key), key.clone());
    }

    @Override
    public int compareTo(Place other) {
      int byHash = Long.compareUnsigned(hash, other.hash);
      return byHash != 0 ? byHash : Arrays.compareUnsigned(key, other.key);
    }
  }

  /**
   * @param capacity bytes of keys and values; what does not fit is refused
   * @param millis milliseconds since 1970
   */
  public MemoryValueStore(long capacity, LongSupplier millis) {
    this.capacity = capacity;
    this.millis = millis;
  }

  private NavigableMap<Place, Entry> of(Tenant tenant) {
    return tenants.computeIfAbsent(tenant, unused -> new ConcurrentSkipListMap<>());
  }

  private Optional<Entry> find(Tenant tenant, byte[] key) {
    Place place = Place.of(key);
    Entry entry = of(tenant).get(place);
    if (entry != null && millis.getAsLong() >= entry.expiresAtMillis) {
      remove(tenant, key);
      return Optional.empty();
    }
    return Optional.ofNullable(entry);
  }

  @Override
  public Optional<ValueReading> read(Tenant tenant, byte[] key) {
    return find(tenant, key).map(Reading::new);
  }

  @Override
  public boolean contains(Tenant tenant, byte[] key) {
    return find(tenant, key).isPresent();
  }

  @Override
  public ValueWriter write(Tenant tenant, byte[] key) {
    return new Writer(tenant, key.clone());
  }

  private synchronized boolean put(Tenant tenant, byte[] key, @Nullable Entry entry) {
    NavigableMap<Place, Entry> values = of(tenant);
    Place place = Place.of(key);
    Entry before = values.get(place);
    long freed = before == null ? 0 : key.length + before.bytes.length;
    long taken = entry == null ? 0 : (long) key.length + entry.bytes.length;
    if (entry != null && taken > freed && used - freed + taken > capacity) {
      return false;
    }
    used += taken - freed;
    if (entry == null) {
      return values.remove(place) != null;
    }
    values.put(place, entry);
    return true;
  }

  @Override
  public boolean remove(Tenant tenant, byte[] key) {
    return put(tenant, key, null);
  }

  @Override
  public boolean expireAt(Tenant tenant, byte[] key, long at) {
    Optional<Entry> entry = find(tenant, key);
    return entry.isPresent() && put(tenant, key, new Entry(entry.get().bytes, at));
  }

  @Override
  public long count(Tenant tenant) {
    return of(tenant).size();
  }

  @Override
  public KeyPage scan(Tenant tenant, long cursor, int count) {
    List<byte[]> keys = new ArrayList<>();
    long hash = 0;
    for (Map.Entry<Place, Entry> next :
        of(tenant).tailMap(new Place(cursor, new byte[0]), true).entrySet()) {
      if (keys.size() >= count && next.getKey().hash != hash) {
        return new KeyPage(keys, next.getKey().hash);
      }
      hash = next.getKey().hash;
      if (millis.getAsLong() < next.getValue().expiresAtMillis) {
        keys.add(next.getKey().key.clone());
      }
    }
    return new KeyPage(keys, 0);
  }

  @Override
  public synchronized void clear(Tenant tenant) {
    of(tenant).forEach((place, entry) -> {
      used -= entry.bytes.length + place.key.length;
    });
    of(tenant).clear();
  }

  @Override
  public int maxKeyBytes() {
    return 1 << 16;
  }

  @Override
  public void close() {}

  private record Reading(Entry entry) implements ValueReading {

    @Override
    public long bytes() {
      return entry.bytes.length;
    }

    @Override
    public long expiresAtMillis() {
      return entry.expiresAtMillis;
    }

    @Override
    public int pieces() {
      return Math.ceilDiv(entry.bytes.length, PIECE);
    }

    @Override
    public int pieceBytes(int piece) {
      return Math.min(PIECE, entry.bytes.length - piece * PIECE);
    }

    @Override
    public boolean read(int piece, MemorySegment target) {
      MemorySegment.copy(
          entry.bytes, piece * PIECE, target, ValueLayout.JAVA_BYTE, 0, pieceBytes(piece));
      return true;
    }

    @Override
    public void close() {}
  }

  private final class Writer implements ValueWriter {

    private final Tenant tenant;
    private final byte[] key;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Writer(Tenant tenant, byte[] key) {
      this.tenant = tenant;
      this.key = key;
    }

    @Override
    public void write(MemorySegment piece) {
      bytes.writeBytes(piece.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public boolean commit(long expiresAtMillis) {
      return put(tenant, key, new Entry(bytes.toByteArray(), expiresAtMillis));
    }

    @Override
    public void close() {}
  }
}
