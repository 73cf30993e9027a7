package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectPage;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Short ways to write and read objects, for tests. */
final class ObjectBench {

  private ObjectBench() {}

  static byte[] name(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Bytes that depend on the seed. */
  static byte[] value(long seed, int length) {
    byte[] value = new byte[length];
    new SplittableRandom(seed).nextBytes(value);
    return value;
  }

  @CanIgnoreReturnValue
  static CommitResult put(ObjectSpace space, byte[] name, byte[] value) {
    return put(space, name, value, CommitTerms.PLAIN);
  }

  @CanIgnoreReturnValue
  static CommitResult put(ObjectSpace space, byte[] name, byte[] value, CommitTerms terms) {
    try (ObjectWriter writer = space.write(name)) {
      writer.write(MemorySegment.ofArray(value));
      return writer.commit(terms);
    }
  }

  @CanIgnoreReturnValue
  static CommitResult append(ObjectSpace space, byte[] name, byte[] value) {
    try (ObjectWriter writer = space.append(name)) {
      writer.write(MemorySegment.ofArray(value));
      return writer.commit();
    }
  }

  /** All bytes of an object; empty if there is none, or it is damaged. */
  static Optional<byte[]> get(ObjectSpace space, byte[] name) {
    Optional<ObjectLease> lease = space.lease(name);
    if (lease.isEmpty()) {
      return Optional.empty();
    }
    try (ObjectLease open = lease.get()) {
      return read(open);
    }
  }

  static Optional<byte[]> read(ObjectLease lease) {
    byte[] value = new byte[Math.toIntExact(lease.length())];
    return lease.read(0, MemorySegment.ofArray(value)) ? Optional.of(value) : Optional.empty();
  }

  /** The names of a space as text, by pages of two. */
  static List<String> names(ObjectSpace space) {
    List<String> names = new ArrayList<>();
    long cursor = 0;
    do {
      ObjectPage page = space.scan(cursor, 2);
      page.names().forEach(name -> names.add(new String(name, StandardCharsets.UTF_8)));
      cursor = page.cursor();
    } while (cursor != 0);
    assertThat(names).doesNotHaveDuplicates();
    return names;
  }
}
