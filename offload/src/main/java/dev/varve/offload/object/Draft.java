package dev.varve.offload.object;

import dev.varve.offload.Placed;
import dev.varve.offload.tenancy.SealTerms;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bytes of a version that nobody sees yet: whole extents are stored as they fill. */
final class Draft implements ObjectWriter {

  /** Extents that are stored at once where they lie in the caller's memory. */
  private static final int BATCH = 8;

  private final ObjectParts parts;
  private final Commits commits;
  private final ObjectName name;
  private final ByteBuffer key;
  private final boolean appends;
  private final long writer;
  private final SealTerms terms = new SealTerms();
  private final List<Extent> extents = new ArrayList<>();
  private final List<Chunk> claimed = new ArrayList<>();
  private Staging.@Nullable Buffer buffer;
  private int staged;
  private long length;
  private Optional<String> refusal = Optional.empty();
  private boolean committed;
  private boolean open = true;

  Draft(ObjectParts parts, Commits commits, ObjectName name, byte[] key, boolean appends) {
    this.parts = parts;
    this.commits = commits;
    this.name = name;
    this.key = ByteBuffer.wrap(key.clone());
    this.appends = appends;
    this.writer = parts.random().getAsLong();
  }

  ObjectName name() {
    return name;
  }

  ByteBuffer key() {
    return key;
  }

  /** Whether it goes behind the object that is there. */
  boolean appends() {
    return appends;
  }

  SealTerms terms() {
    return terms;
  }

  /** Extents that are stored. */
  List<Extent> extents() {
    return extents;
  }

  /** The chunks of these. */
  List<Chunk> claimed() {
    return claimed;
  }

  /** What is not stored yet; less than an extent. */
  MemorySegment rest() {
    return buffer == null ? MemorySegment.NULL : buffer.bytes().asSlice(0, staged);
  }

  /** The next extent of this writer. */
  Extent next(int bytes) {
    return new Extent(writer, extents.size(), bytes);
  }

  /** Why it cannot be stored any more. */
  Optional<String> refusal() {
    return refusal;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void write(MemorySegment bytes) {
    checkOpen();
    long most =
        Math.min(ObjectSpace.MAX_BYTES, (long) ObjectManifest.MAX_EXTENTS * parts.extentBytes());
    if (bytes.byteSize() > most - length) {
      throw new IllegalArgumentException(
          "an object of %d bytes is above the limit of %d: split it"
              .formatted(length + bytes.byteSize(), most));
    }
    length += bytes.byteSize();
    for (long at = 0; at < bytes.byteSize() && refusal.isEmpty(); ) {
      long left = bytes.byteSize() - at;
      boolean whole = staged == 0 && left >= parts.extentBytes() && bytes.isNative();
      at += whole ? storeInPlace(bytes.asSlice(at)) : stage(bytes.asSlice(at));
    }
  }

  private long storeInPlace(MemorySegment bytes) {
    int count = (int) Math.min(BATCH, bytes.byteSize() / parts.extentBytes());
    List<MemorySegment> payloads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      payloads.add(bytes.asSlice((long) i * parts.extentBytes(), parts.extentBytes()));
    }
    store(payloads);
    return (long) count * parts.extentBytes();
  }

  private long stage(MemorySegment bytes) {
    if (buffer == null) {
      buffer = parts.staging().take();
    }
    int count = (int) Math.min(bytes.byteSize(), parts.extentBytes() - staged);
    MemorySegment.copy(bytes, 0, buffer.bytes(), staged, count);
    staged += count;
    if (staged == parts.extentBytes()) {
      store(List.of(rest()));
      staged = 0;
    }
    return count;
  }

  private void store(List<MemorySegment> payloads) {
    try (Pieces pieces = new Pieces(parts, terms)) {
      List<Extent> added = new ArrayList<>();
      Optional<ChunkKey> before = lastChunk();
      int first = extents.size();
      for (MemorySegment payload : payloads) {
        Extent extent =
            new Extent(writer, first + added.size(), Math.toIntExact(payload.byteSize()));
        ChunkKey chunk = name.extent(extent);
        pieces.add(chunk, before, extent.index(), payload);
        before = Optional.of(chunk);
        added.add(extent);
      }
      Placed placed = pieces.store();
      if (placed == Placed.STORED) {
        extents.addAll(added);
        claimed.addAll(pieces.release());
      } else {
        refusal = Optional.of(Commits.reason(placed, length));
      }
    }
  }

  /** The chunk of the last extent that is stored. */
  Optional<ChunkKey> lastChunk() {
    return extents.isEmpty() ? Optional.empty() : Optional.of(name.extent(extents.getLast()));
  }

  @Override
  public CommitResult commit() {
    return commit(appends ? CommitTerms.PLAIN.keepingExpiry() : CommitTerms.PLAIN);
  }

  @Override
  public CommitResult commit(CommitTerms wanted) {
    checkOpen();
    CommitResult result = commits.commit(this, wanted);
    committed = result.committed();
    close();
    return result;
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the writer of " + name + " has ended: begin another one");
    }
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    claimed.forEach(Chunk::unclaim);
    if (buffer != null) {
      parts.staging().give(buffer);
    }
    if (!committed && !claimed.isEmpty()) {
      parts.mover().drop(claimed.stream().map(Chunk::key).toList());
    }
  }
}
