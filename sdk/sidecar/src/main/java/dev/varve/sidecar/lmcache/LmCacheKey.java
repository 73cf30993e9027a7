package dev.varve.sidecar.lmcache;

import dev.varve.sidecar.resp.Text;
import java.util.Optional;

/**
 * A key that LMCache made. Two connectors make them: that of the multi-process mode stores a chunk
 * under one key, that inside an engine stores a pair, the bytes and what describes them.
 *
 * <p>Source: {@code docs/protocol.md} has the forms.
 */
public sealed interface LmCacheKey {

  /** End of the key under which a pair's bytes are. */
  String BYTES_SUFFIX = "kv_bytes";

  /** End of the key under which a pair's description is. */
  String METADATA_SUFFIX = "metadata";

  /** A chunk of the multi-process mode. */
  record Chunk(ChunkName name) implements LmCacheKey {}

  /** The half of a pair that holds the bytes. */
  record Bytes(PairName name) implements LmCacheKey {}

  /** The half of a pair that describes. */
  record Metadata(PairName name) implements LmCacheKey {

    /** The key of the other half. */
    public byte[] bytesKey() {
      return Text.bytes(name.text() + BYTES_SUFFIX);
    }
  }

  /** Reads a key; empty for any that LMCache does not make. */
  static Optional<LmCacheKey> parse(byte[] key) {
    if (key.length > MAX_BYTES || indexOf(key, '@') < 0) {
      return Optional.empty();
    }
    String text = Text.of(key);
    if (text.endsWith(METADATA_SUFFIX)) {
      return PairName.parse(without(text, METADATA_SUFFIX)).map(Metadata::new);
    }
    if (text.endsWith(BYTES_SUFFIX)) {
      return PairName.parse(without(text, BYTES_SUFFIX)).map(Bytes::new);
    }
    return ChunkName.parse(text).map(Chunk::new);
  }

  /** Longest key that is looked at: a model's name, and some fields. */
  int MAX_BYTES = 4096;

  /** What both halves of a pair share; empty for a chunk. */
  default Optional<byte[]> pair() {
    return switch (this) {
      case Chunk _ -> Optional.empty();
      case Bytes(PairName name) -> Optional.of(Text.bytes(name.text()));
      case Metadata(PairName name) -> Optional.of(Text.bytes(name.text()));
    };
  }

  /** The key of the other half of a pair; empty for a chunk. */
  default Optional<byte[]> otherHalf() {
    return switch (this) {
      case Chunk _ -> Optional.empty();
      case Bytes(PairName name) -> Optional.of(Text.bytes(name.text() + METADATA_SUFFIX));
      case Metadata half -> Optional.of(half.bytesKey());
    };
  }

  private static String without(String text, String suffix) {
    return text.substring(0, text.length() - suffix.length());
  }

  private static int indexOf(byte[] key, char wanted) {
    for (int at = 0; at < key.length; at++) {
      if (key[at] == wanted) {
        return at;
      }
    }
    return -1;
  }
}
