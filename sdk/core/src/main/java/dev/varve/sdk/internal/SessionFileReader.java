package dev.varve.sdk.internal;

import static dev.varve.sdk.internal.SessionFileDescriptor.INT;
import static dev.varve.sdk.internal.SessionFileDescriptor.LONG;
import static dev.varve.sdk.internal.SessionFileDescriptor.SHORT;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ChainKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Checks bytes that claim to be a session of one tenant and model; total, whatever they are. The
 * header is judged first, so that no more memory is taken than a sound file of its lengths needs.
 */
final class SessionFileReader {

  private final CacheParts parts;
  private final Tenant tenant;

  SessionFileReader(CacheParts parts, Tenant tenant) {
    this.parts = parts;
    this.tenant = tenant;
  }

  /**
   * Judges the first {@link SessionFileDescriptor#HEADER_LENGTH} bytes of a file; empty if they are
   * sound and {@code fileBytes} is what they promise.
   */
  Optional<SessionReading.Refused> refuseHeader(MemorySegment header, long fileBytes) {
    if (header.byteSize() < SessionFileDescriptor.HEADER_LENGTH) {
      return damaged(
          "a header takes %d bytes, the file has %d"
              .formatted(SessionFileDescriptor.HEADER_LENGTH, fileBytes));
    }
    int magic = header.get(INT, SessionFileDescriptor.MAGIC_OFFSET);
    if (magic != SessionFileDescriptor.MAGIC) {
      return damaged(
          "bad magic 0x%08x, a session begins with 0x%08x"
              .formatted(magic, SessionFileDescriptor.MAGIC));
    }
    int stored = header.get(INT, SessionFileDescriptor.HEADER_CRC_OFFSET);
    int computed = BlockChecksum.crc32c(header.asSlice(0, SessionFileDescriptor.HEADER_CRC_OFFSET));
    if (stored != computed) {
      return damaged("header CRC is 0x%08x, stored 0x%08x".formatted(computed, stored));
    }
    return refuseFields(header, fileBytes);
  }

  private Optional<SessionReading.Refused> refuseFields(MemorySegment header, long fileBytes) {
    int version = Short.toUnsignedInt(header.get(SHORT, SessionFileDescriptor.VERSION_OFFSET));
    if (version != SessionFileDescriptor.VERSION
        && version != SessionFileDescriptor.PRIVATE_VERSION
        && version != SessionFileDescriptor.READING_VERSION) {
      return foreign(
          "has version %d, this program reads versions %d to %d"
              .formatted(
                  version, SessionFileDescriptor.VERSION, SessionFileDescriptor.READING_VERSION));
    }
    if (!Tenant.read(header, SessionFileDescriptor.TENANT_OFFSET).equals(tenant)) {
      return foreign("belongs to another tenant");
    }
    Fingerprint found = lineage(header);
    if (parts.tiers().variants().lineages().encodings(found).isPresent()) {
      return version == SessionFileDescriptor.PRIVATE_VERSION
          ? refusePrivateLengths(header, fileBytes)
          : refuseLengths(header, fileBytes);
    }
    if (found.sameModel(parts.fingerprint())) {
      return foreign(
          "accepted approximations that this cache does not write, it is opened with '%s': open the cache as it was when saved"
              .formatted(parts.tiers().variants().lineages().configured()));
    }
    return foreign(
        "is of the model %s, this cache holds %s: open the cache as it was when saved"
            .formatted(found, parts.fingerprint()));
  }

  private Optional<SessionReading.Refused> refusePrivateLengths(
      MemorySegment header, long fileBytes) {
    ModelGeometry geometry = parts.tiers().geometry();
    int span = header.get(INT, SessionFileDescriptor.BLOCK_TOKENS_OFFSET);
    int tokens = header.get(INT, SessionFileDescriptor.TOKENS_OFFSET);
    int parked = header.get(INT, SessionFileDescriptor.PARKED_OFFSET);
    long promised = header.get(LONG, SessionFileDescriptor.FILE_BYTES_OFFSET);
    if (span != geometry.blockTokens()
        || tokens < 0
        || header.get(INT, SessionFileDescriptor.TAIL_TOKENS_OFFSET) != 0
        || header.get(INT, SessionFileDescriptor.TAIL_LAYERS_OFFSET) != 0
        || parked < 0
        || parked > tokens / span) {
      return damaged(
          "impossible lengths: %d tokens in blocks of %d, %d blocks parked"
              .formatted(tokens, span, parked));
    }
    long least = SessionFileDescriptor.fileBytes(geometry, tokens, 0);
    long most = least + PrivateSectionDescriptor.mostBytes(geometry, tokens);
    if (promised != fileBytes || fileBytes < least || fileBytes > most) {
      return damaged(
          "%d tokens take %d to %d bytes, the header says %d and the file has %d"
              .formatted(tokens, least, most, promised, fileBytes));
    }
    return Optional.empty();
  }

  private static Fingerprint lineage(MemorySegment file) {
    return new Fingerprint(Digest256.read(file, SessionFileDescriptor.FINGERPRINT_OFFSET));
  }

  private static ChainLineages lineages(MemorySegment file) {
    boolean chose =
        file.get(SHORT, SessionFileDescriptor.VERSION_OFFSET)
            == SessionFileDescriptor.READING_VERSION;
    return chose
        ? new ChainLineages(
            lineage(file),
            file.get(INT, SessionFileDescriptor.EXACT_BLOCKS_OFFSET),
            OptionalLong.of(file.get(LONG, SessionFileDescriptor.READING_CODE_OFFSET)))
        : ChainLineages.all(lineage(file));
  }

  private Optional<SessionReading.Refused> refuseLengths(MemorySegment header, long fileBytes) {
    ModelGeometry geometry = parts.tiers().geometry();
    int span = header.get(INT, SessionFileDescriptor.BLOCK_TOKENS_OFFSET);
    int tokens = header.get(INT, SessionFileDescriptor.TOKENS_OFFSET);
    int tail = header.get(INT, SessionFileDescriptor.TAIL_TOKENS_OFFSET);
    int layers = header.get(INT, SessionFileDescriptor.TAIL_LAYERS_OFFSET);
    long promised = header.get(LONG, SessionFileDescriptor.FILE_BYTES_OFFSET);
    if (span != geometry.blockTokens() || tokens < 0 || tail != tokens % span) {
      return damaged(
          "impossible lengths: %d tokens, %d of them behind blocks of %d"
              .formatted(tokens, tail, span));
    }
    int exact = header.get(INT, SessionFileDescriptor.EXACT_BLOCKS_OFFSET);
    if (exact < 0 || exact > tokens / span) {
      return damaged(
          "impossible lengths: %d blocks of %d tokens, %d of them exact"
              .formatted(tokens / span, span, exact));
    }
    if (layers != (tail == 0 ? 0 : geometry.owningLayers())) {
      return damaged(
          "a tail of %d layers, the model stores %d".formatted(layers, geometry.owningLayers()));
    }
    long needed = SessionFileDescriptor.fileBytes(geometry, tokens, tail);
    if (promised != needed || fileBytes != needed) {
      return damaged(
          "%d tokens take %d bytes, the header says %d and the file has %d"
              .formatted(tokens, needed, promised, fileBytes));
    }
    return Optional.empty();
  }

  /** Judges a whole file whose header was found sound. */
  SessionReading read(MemorySegment file) {
    long end = file.byteSize() - Integer.BYTES;
    int stored = file.get(INT, end);
    int computed = BlockChecksum.crc32c(file.asSlice(0, end));
    if (stored != computed) {
      return refused("CRC is 0x%08x, stored 0x%08x".formatted(computed, stored));
    }
    int[] tokenIds = new int[file.get(INT, SessionFileDescriptor.TOKENS_OFFSET)];
    MemorySegment.copy(
        file,
        INT,
        SessionFileDescriptor.HEADER_LENGTH,
        MemorySegment.ofArray(tokenIds),
        ValueLayout.JAVA_INT,
        0,
        tokenIds.length);
    int tail = file.get(INT, SessionFileDescriptor.TAIL_TOKENS_OFFSET);
    ChainKey last = new ChainKey(Digest256.read(file, SessionFileDescriptor.CHAIN_OFFSET));
    int span = parts.tiers().geometry().blockTokens();
    if (!lineages(file).last(tenant, tokenIds, tokenIds.length / span, span).equals(last)) {
      return refused("its tokens do not lead to its last chunk");
    }
    ModelGeometry geometry = parts.tiers().geometry();
    if (file.get(SHORT, SessionFileDescriptor.VERSION_OFFSET)
        == SessionFileDescriptor.PRIVATE_VERSION) {
      long at = SessionFileDescriptor.tailOffset(tokenIds.length);
      Optional<SavedRows> rows = SavedRows.read(geometry, file, tokenIds.length, at, end);
      int parked = file.get(INT, SessionFileDescriptor.PARKED_OFFSET);
      return rows.isPresent()
          ? new SessionReading.Sound(
              new SessionFile(geometry, lineage(file), tokenIds, file, rows.get(), parked))
          : refused("its private rows do not add up");
    }
    return layersMatch(file, tokenIds.length, tail)
        ? new SessionReading.Sound(new SessionFile(geometry, lineages(file), tokenIds, tail, file))
        : refused("its tail has other layers than the model");
  }

  /** Whether the layer header at {@code at} is that of {@code layer}. */
  static boolean layerMatches(MemorySegment file, long at, int layer, BlockGeometry block) {
    return file.get(INT, at + SessionFileDescriptor.LAYER_OFFSET) == layer
        && file.get(INT, at + SessionFileDescriptor.HEADS_OFFSET) == block.kvHeads()
        && file.get(INT, at + SessionFileDescriptor.KEY_ROW_OFFSET) == block.keyRowBytes()
        && file.get(INT, at + SessionFileDescriptor.VALUE_ROW_OFFSET)
            == SessionFileDescriptor.valueRowBytes(block);
  }

  private boolean layersMatch(MemorySegment file, int tokens, int tail) {
    ModelGeometry geometry = parts.tiers().geometry();
    long at = SessionFileDescriptor.tailOffset(tokens);
    for (int layer = 0; tail > 0 && layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        BlockGeometry block = geometry.block(layer);
        if (!layerMatches(file, at, layer, block)) {
          return false;
        }
        at += SessionFileDescriptor.layerBytes(block, tail);
      }
    }
    return true;
  }

  private static SessionReading refused(String reason) {
    return new SessionReading.Refused("is damaged: " + reason, true);
  }

  private static Optional<SessionReading.Refused> damaged(String reason) {
    return Optional.of(new SessionReading.Refused("is damaged: " + reason, true));
  }

  private static Optional<SessionReading.Refused> foreign(String reason) {
    return Optional.of(new SessionReading.Refused(reason, false));
  }
}
