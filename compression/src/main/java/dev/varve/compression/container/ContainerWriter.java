package dev.varve.compression.container;

import dev.varve.store.BlockChecksum;
import dev.varve.store.Digest256;
import dev.varve.store.Encoding;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a container as a stream: header, records as they come, index, footer. The file grows under
 * another name in the target's folder and gets its own when it is committed; a writer that is
 * closed without that leaves nothing behind, unless it is told to {@link #keep} what is there for
 * {@link #resume}. Only the index grows in memory. The same calls give the same bytes. For one
 * thread at a time: several may encode, one appends.
 *
 * <p>After an {@link IOException} (a full disk, say) only {@link #close} makes sense.
 */
public final class ContainerWriter implements AutoCloseable {
  private final ContainerHeader header;
  private final PartialFile file;
  private final PieceCodec pieces;
  private final TreeMap<RecordKey, RecordEntry> index = new TreeMap<>();
  private final Set<String> names = new HashSet<>();
  private final Map<BlockAddress, KeptBlock> kept = new HashMap<>();
  private final Arena keptBytes = Arena.ofShared();
  private final int headerCrc;
  private long payloadBytes;
  private boolean ended;

  private ContainerWriter(
      ContainerHeader header, PartialFile file, MemorySegment front, Backend backend) {
    this.header = header;
    this.file = file;
    this.pieces = new PieceCodec(backend);
    this.headerCrc = front.get(Layouts.INT, FileHeaderDescriptor.CRC_OFFSET);
  }

  /**
   * Begins a container.
   *
   * @param target where it appears once it is committed; its folder must be there
   * @param backend compresses the attachments
   * @throws IOException if the target is there and may not be replaced, or cannot be written: says
   *     why
   * @throws IllegalArgumentException if a text of the header is too long: names the limit
   */
  public static ContainerWriter create(
      Path target, ContainerHeader header, Existing existing, Backend backend) throws IOException {
    MemorySegment front = front(header);
    return create(header, front, PartialFile.create(target, existing), backend);
  }

  /**
   * Goes on with what a writer of the same container left that was killed, or stopped by {@link
   * #keep}: the same header, and behind it whole blocks that tell what they were made from. What
   * was written behind those is dropped, and all of it if nothing is of use or another writer is at
   * work; then this is {@link #create}. {@link #kept} tells what is there already.
   *
   * <p>That two headers are the same does not say that the blocks are of the same rows: compare
   * {@link KeptBlock#originalCrc}.
   */
  public static ContainerWriter resume(
      Path target, ContainerHeader header, Existing existing, Backend backend) throws IOException {
    MemorySegment front = front(header);
    PartialFile file = PartialFile.open(target, existing);
    ContainerWriter writer = new ContainerWriter(header, file, front, backend);
    try {
      writer.take(front);
      return writer;
    } catch (IOException | RuntimeException | Error e) {
      writer.close();
      throw e;
    }
  }

  /** Takes over what lies in the file. */
  private void take(MemorySegment front) throws IOException {
    LeftOver left;
    try (Arena whole = Arena.ofConfined()) {
      left = LeftOver.read(file.map(whole), front, header);
    }
    file.cut(left.end());
    if (left.end() == 0) {
      file.write(front);
      return;
    }
    MemorySegment bytes = file.map(keptBytes);
    for (LeftOver.Block block : left.blocks()) {
      RecordEntry entry = block.entry();
      BlockInfo info = entry.block().info();
      MemorySegment payload = bytes.asSlice(entry.payloadOffset(), entry.bytes());
      kept.put(info.address(), new KeptBlock(info, block.originalCrc(), payload));
      index.put(entry.key(), entry);
      payloadBytes += entry.bytes();
    }
  }

  /** The block at {@code address} if it is there from a stopped writer: it is not appended. */
  public Optional<KeptBlock> kept(BlockAddress address) {
    return Optional.ofNullable(kept.get(address));
  }

  /** The same into a file that is open. */
  static ContainerWriter create(ContainerHeader header, PartialFile file, Backend backend)
      throws IOException {
    return create(header, front(header), file, backend);
  }

  private static ContainerWriter create(
      ContainerHeader header, MemorySegment front, PartialFile file, Backend backend)
      throws IOException {
    try {
      file.write(front);
      return new ContainerWriter(header, file, front, backend);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static MemorySegment front(ContainerHeader header) {
    List<Tlv> parts = MetadataWriter.write(header);
    long metadata = parts.stream().mapToLong(Tlv::bytes).sum();
    MemorySegment front = Arena.ofAuto().allocate(FileHeaderDescriptor.LENGTH + metadata);
    MemorySegment rest = front.asSlice(FileHeaderDescriptor.LENGTH);
    Tlv.writeAll(parts, rest);
    FileHeaderDescriptor.write(
        new FileHeader(
            FileHeaderDescriptor.MAJOR,
            FileHeaderDescriptor.MINOR,
            0,
            header.createdMillis(),
            header.tokens(),
            header.chunkTokens(),
            header.shape().layerCount(),
            header.shape().dtype().id(),
            Integer.numberOfTrailingZeros(header.alignment()),
            metadata,
            BlockChecksum.crc32c(rest)),
        front);
    return front;
  }

  /**
   * Appends a block, in any order.
   *
   * @param originalCrc CRC32C of the raw block before it was encoded, unused rows being zero; only
   *     blocks that have it can be gone on with
   * @param payload what a {@link dev.varve.compression.BlockCodec} of the block's encoding wrote;
   *     borrowed
   * @throws IllegalArgumentException if the block does not fit the header or is there already
   */
  public void append(BlockInfo info, OptionalInt originalCrc, MemorySegment payload)
      throws IOException {
    RecordEntry entry =
        new RecordEntry(
            RecordKey.of(info.address()),
            info.encoding(),
            info.dependsOn().orElse(RecordEntry.INDEPENDENT),
            info.tableSet(),
            info.tokens(),
            0,
            payload.byteSize(),
            0);
    try {
      EntryChecks.check(entry, header);
    } catch (FaultException e) {
      throw new IllegalArgumentException(info.address() + ": " + e.fault().reason(), e);
    }
    append(entry, originalCrc, payload);
  }

  /** Appends a block that does not tell what it was made from. */
  public void append(BlockInfo info, MemorySegment payload) throws IOException {
    append(info, OptionalInt.empty(), payload);
  }

  /** Appends a block that needs nothing else; see {@link #append(BlockInfo, MemorySegment)}. */
  public void append(BlockAddress address, Encoding encoding, int tokens, MemorySegment payload)
      throws IOException {
    append(BlockInfo.of(address, encoding, tokens), payload);
  }

  /**
   * Appends a table set, before or after the blocks that need it.
   *
   * @param id number by which blocks name it, from 1 on
   * @param tables opaque; borrowed
   */
  public void appendTables(int id, MemorySegment tables) throws IOException {
    if (id < 1) {
      throw new IllegalArgumentException("the number of a table set must be at least 1: " + id);
    }
    MemorySegment payload = Arena.ofAuto().allocate(Digest256.BYTES + tables.byteSize());
    MessageDigest sha256 = Digest256.sha256();
    sha256.update(tables.asByteBuffer());
    Digest256.finish(sha256).write(payload, 0);
    payload.asSlice(Digest256.BYTES).copyFrom(tables);
    append(plain(new RecordKey(RecordKind.TABLE_SET, 0, id, 0), Encoding.RAW, 0, payload), payload);
  }

  /** Appends a tensor; its bytes are asked for in pieces of up to 1 MiB, from front to back. */
  public void attach(Attachment attachment, AttachmentSource source) throws IOException {
    int number = names.size();
    if (number > RecordEntry.INDEPENDENT) {
      throw new IllegalArgumentException("a container holds at most 65536 attachments");
    }
    if (!names.add(attachment.name())) {
      throw new IllegalArgumentException(
          "an attachment named '%s' is there already".formatted(attachment.name()));
    }
    MemorySegment description = AttachmentDescriptor.write(attachment);
    append(plain(piece(number, 0), Encoding.RAW, 0, description), description);
    long count = AttachmentDescriptor.pieces(attachment.bytes());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room =
          arena.allocate(Math.min(attachment.bytes(), AttachmentDescriptor.PIECE_BYTES));
      for (int i = 0; i < Math.toIntExact(count); i++) {
        int bytes = AttachmentDescriptor.pieceBytes(attachment.bytes(), i);
        MemorySegment piece = room.asSlice(0, bytes);
        source.read((long) i * AttachmentDescriptor.PIECE_BYTES, piece);
        PieceCodec.Written written = pieces.encode(piece, attachment.dtype());
        append(
            plain(piece(number, i + 1), written.encoding(), bytes, written.payload()),
            written.payload());
      }
    }
  }

  private static RecordKey piece(int attachment, int part) {
    return new RecordKey(RecordKind.ATTACHMENT, attachment, part, 0);
  }

  private static RecordEntry plain(
      RecordKey key, Encoding encoding, int held, MemorySegment payload) {
    return new RecordEntry(
        key, encoding, RecordEntry.INDEPENDENT, 0, held, 0, payload.byteSize(), 0);
  }

  private void append(RecordEntry described, MemorySegment payload) throws IOException {
    append(described, OptionalInt.empty(), payload);
  }

  private void append(RecordEntry described, OptionalInt originalCrc, MemorySegment payload)
      throws IOException {
    checkOpen();
    RecordKey key = described.key();
    if (index.containsKey(key)) {
      throw new IllegalArgumentException(key + " is there already");
    }
    if (payload.byteSize() > RecordDescriptor.MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "%s: a payload of %d bytes, the limit is %d"
              .formatted(key, payload.byteSize(), RecordDescriptor.MAX_PAYLOAD));
    }
    file.align(header.alignment());
    RecordEntry entry =
        new RecordEntry(
            key,
            described.encoding(),
            described.dependsOn(),
            described.tableSet(),
            described.held(),
            file.position(),
            payload.byteSize(),
            BlockChecksum.crc32c(payload));
    MemorySegment front = MemorySegment.ofArray(new byte[RecordDescriptor.HEADER_LENGTH]);
    RecordDescriptor.write(entry, originalCrc, front);
    file.write(front);
    file.write(payload);
    index.put(key, entry);
    payloadBytes += payload.byteSize();
  }

  /**
   * Writes index and footer, forces all to the disk and gives the file its name. Nothing may be
   * appended afterwards.
   */
  public ContainerSummary commit() throws IOException {
    checkOpen();
    ended = true;
    file.align(header.alignment());
    long indexOffset = file.position();
    long indexBytes = (long) index.size() * EntryDescriptor.LENGTH;
    MemorySegment end = Arena.ofAuto().allocate(indexBytes + FooterDescriptor.LENGTH);
    long at = 0;
    for (RecordEntry entry : index.values()) {
      EntryDescriptor.write(entry, end, at);
      at += EntryDescriptor.LENGTH;
    }
    long fileBytes = indexOffset + end.byteSize();
    FooterDescriptor.write(
        new Footer(
            indexOffset,
            index.size(),
            BlockChecksum.crc32c(end.asSlice(0, indexBytes)),
            headerCrc,
            fileBytes),
        end.asSlice(indexBytes));
    file.write(end);
    file.commit();
    int blocks =
        (int) index.keySet().stream().filter(key -> key.kind() == RecordKind.BLOCK).count();
    return new ContainerSummary(blocks, names.size(), payloadBytes, fileBytes);
  }

  private void checkOpen() {
    if (ended) {
      throw new IllegalStateException(
          "this container is committed or kept: nothing can be added to it");
    }
  }

  /**
   * Leaves what was written so far, under its other name, for {@link #resume}. Nothing may be
   * appended afterwards.
   *
   * @return where it is left
   */
  public Path keep() throws IOException {
    checkOpen();
    ended = true;
    return file.keep();
  }

  /** Ends the writer; deletes what was written if it was neither committed nor kept. */
  @Override
  public void close() throws IOException {
    try {
      file.close();
    } finally {
      if (keptBytes.scope().isAlive()) {
        keptBytes.close();
      }
    }
  }
}
