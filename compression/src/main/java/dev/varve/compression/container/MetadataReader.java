package dev.varve.compression.container;

import static dev.varve.compression.container.FaultException.corrupt;

import dev.varve.store.ChainKey;
import dev.varve.store.Digest256;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Turns {@link Tlv}s into a {@link ContainerHeader}; takes memory by the length of what it reads.
 */
final class MetadataReader {
  /** Most bytes of the name of a model or of a kind of source. */
  static final int MAX_NAME_BYTES = 4096;

  /** Most bytes of the strings of a source. */
  static final int MAX_STRINGS_BYTES = 64 << 20;

  private final FileHeader header;
  private final Map<Integer, MemorySegment> values = new TreeMap<>();

  private MetadataReader(FileHeader header) {
    this.header = header;
  }

  /** The header that {@code metadata} complete. */
  static ContainerHeader read(FileHeader header, MemorySegment metadata) throws FaultException {
    MetadataReader reader = new MetadataReader(header);
    for (Tlv part : Tlv.readAll(metadata)) {
      reader.take(part);
    }
    try {
      return reader.header();
    } catch (IllegalArgumentException e) {
      throw new FaultException(FaultKind.CORRUPT_PAYLOAD, "impossible header: " + e.getMessage());
    }
  }

  private void take(Tlv part) throws FaultException {
    int type = part.type();
    if (type < MetadataTypes.LAYERS || type > MetadataTypes.SOURCE_LAYOUT) {
      if (part.critical()) {
        throw new FaultException(
            FaultKind.UNKNOWN_CRITICAL_FLAG,
            "metadata of type %d are critical and not known: a newer program is needed"
                .formatted(type));
      }
      return;
    }
    if (values.put(type, part.value()) != null) {
      throw corrupt("metadata of type %d are there twice".formatted(type));
    }
  }

  private ContainerHeader header() throws FaultException {
    if (header.alignmentLog() > Integer.SIZE - 2) {
      throw corrupt("alignment 2^%d".formatted(header.alignmentLog()));
    }
    return new ContainerHeader(
        shape(),
        header.chunkTokens(),
        header.tokens(),
        positionBase(),
        header.createdMillis(),
        1 << header.alignmentLog(),
        new ModelIdentity(text(MetadataTypes.MODEL_NAME, MAX_NAME_BYTES), fingerprint()),
        new SourceDescription(
            text(MetadataTypes.SOURCE_KIND, MAX_NAME_BYTES),
            pairs(),
            text(MetadataTypes.SOURCE_LAYOUT, SourceDescription.MAX_LAYOUT_BYTES)),
        tokenIds(),
        digests(MetadataTypes.CHAIN).stream().map(ChainKey::new).toList(),
        plan());
  }

  private ModelShape shape() throws FaultException {
    MemorySegment bytes = values.get(MetadataTypes.LAYERS);
    if (bytes == null || bytes.byteSize() != (long) header.layers() * LayerDescriptor.LENGTH) {
      throw corrupt(
          "%d layers take %d bytes of metadata, there are %d"
              .formatted(
                  header.layers(),
                  (long) header.layers() * LayerDescriptor.LENGTH,
                  bytes == null ? 0 : bytes.byteSize()));
    }
    List<LayerShape> layers = new ArrayList<>();
    for (int i = 0; i < header.layers(); i++) {
      layers.add(LayerDescriptor.read(bytes, (long) i * LayerDescriptor.LENGTH));
    }
    for (Dtype dtype : Dtype.values()) {
      if (dtype.id() == header.dtype()) {
        return new ModelShape(layers, dtype);
      }
    }
    throw corrupt("element type %d is not known".formatted(header.dtype()));
  }

  private String text(int type, int limit) throws FaultException {
    MemorySegment bytes = values.get(type);
    return bytes == null
        ? ""
        : new ByteCursor(bytes, "metadata of type " + type).nextText(bytes.byteSize(), limit);
  }

  private long positionBase() throws FaultException {
    MemorySegment bytes = values.get(MetadataTypes.POSITION_BASE);
    if (bytes == null) {
      return 0;
    }
    ByteCursor cursor = new ByteCursor(bytes, "position base");
    long base = cursor.nextLong();
    cursor.end();
    return base;
  }

  private List<Digest256> digests(int type) throws FaultException {
    MemorySegment bytes = values.get(type);
    List<Digest256> digests = new ArrayList<>();
    if (bytes == null) {
      return digests;
    }
    if (bytes.byteSize() % Digest256.BYTES != 0) {
      throw corrupt(
          "metadata of type %d: %d bytes are no digests".formatted(type, bytes.byteSize()));
    }
    for (long at = 0; at < bytes.byteSize(); at += Digest256.BYTES) {
      digests.add(Digest256.read(bytes, at));
    }
    return digests;
  }

  private Optional<Fingerprint> fingerprint() throws FaultException {
    List<Digest256> digests = digests(MetadataTypes.FINGERPRINT);
    if (digests.size() > 1) {
      throw corrupt("there are %d fingerprints".formatted(digests.size()));
    }
    return digests.stream().findFirst().map(Fingerprint::new);
  }

  private Optional<TokenIds> tokenIds() throws FaultException {
    MemorySegment bytes = values.get(MetadataTypes.TOKEN_IDS);
    if (bytes == null) {
      return Optional.empty();
    }
    if (header.tokens() < 0
        || header.tokens() > Integer.MAX_VALUE
        || bytes.byteSize() != header.tokens() * Integer.BYTES) {
      throw corrupt("%d bytes are no %d token ids".formatted(bytes.byteSize(), header.tokens()));
    }
    return Optional.of(TokenIds.of(bytes.toArray(Layouts.INT)));
  }

  private EncodingPlan plan() throws FaultException {
    MemorySegment bytes = values.get(MetadataTypes.PLAN);
    if (bytes == null) {
      return EncodingPlan.NONE;
    }
    ByteCursor cursor = new ByteCursor(bytes, "plan");
    int levels = cursor.nextByte() + 1;
    int planned = cursor.nextByte();
    if (planned > 1) {
      throw corrupt("plan: a flag must be 0 or 1: " + planned);
    }
    List<String> names = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      names.add(cursor.nextText(cursor.nextByte(), EncodingPlan.MAX_NAME_BYTES));
    }
    List<List<Encoding>> encodings = new ArrayList<>();
    for (int layer = 0; layer < (planned == 0 ? 0 : header.layers()); layer++) {
      List<Encoding> row = new ArrayList<>();
      for (int level = 0; level < levels; level++) {
        row.add(Encoding.of(cursor.nextShort()));
      }
      encodings.add(row);
    }
    cursor.end();
    return new EncodingPlan(names, encodings);
  }

  private Map<String, String> pairs() throws FaultException {
    Map<String, String> pairs = new LinkedHashMap<>();
    MemorySegment bytes = values.get(MetadataTypes.SOURCE_METADATA);
    if (bytes == null) {
      return pairs;
    }
    ByteCursor cursor = new ByteCursor(bytes, "strings of the source");
    while (cursor.left() > 0) {
      String key = cursor.nextText(cursor.nextInt(), MAX_STRINGS_BYTES);
      String value = cursor.nextText(cursor.nextInt(), MAX_STRINGS_BYTES);
      if (pairs.put(key, value) != null) {
        throw corrupt("strings of the source: one name is there twice");
      }
    }
    return pairs;
  }
}
