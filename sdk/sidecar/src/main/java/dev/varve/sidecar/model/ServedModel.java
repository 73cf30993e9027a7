package dev.varve.sidecar.model;

import dev.varve.compression.Encodings;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.attention.SelectionService;
import dev.varve.store.Encoding;
import dev.varve.store.ModelGeometry;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A model whose blocks a server keeps. Thread-safe.
 *
 * @param name that clients use
 * @param cache of this model only; not closed here
 * @param levels encodings that a stream may choose from, the least lossy first; at least one
 * @param lmcache how LMCache's values of this model are stored; empty for as they are
 * @param blocks writes and reads its frames
 * @param attention over its stored chunks
 * @param selection among their tokens
 */
public record ServedModel(
    String name,
    KvCache cache,
    List<Encoding> levels,
    Optional<Encoding> lmcache,
    BlockPool blocks,
    AttentionPool attention,
    SelectionService selection) {

  /** Memory for indices of stored contexts unless said otherwise. */
  public static final long DEFAULT_INDEX_BYTES = 256L << 20;

  public ServedModel {
    levels = List.copyOf(levels);
    if (levels.isEmpty()) {
      throw new IllegalArgumentException("model '" + name + "' has no level: name one");
    }
    levels.forEach(blocks::check);
    lmcache.ifPresent(blocks::check);
  }

  /** A model with frames in these levels, whose values LMCache gets back to the bit. */
  public static ServedModel of(String name, KvCache cache, List<Encoding> levels) {
    return of(name, cache, levels, Optional.of(Encodings.parse("lossless")));
  }

  /** The same with values of LMCache stored so. */
  public static ServedModel of(
      String name, KvCache cache, List<Encoding> levels, Optional<Encoding> lmcache) {
    return of(name, cache, levels, lmcache, DEFAULT_INDEX_BYTES);
  }

  /**
   * The same with other bounds.
   *
   * @param indexBytes most bytes of indices of stored contexts
   */
  public static ServedModel of(
      String name,
      KvCache cache,
      List<Encoding> levels,
      Optional<Encoding> lmcache,
      long indexBytes) {
    return new ServedModel(
        name,
        cache,
        levels,
        lmcache,
        new BlockPool(cache.geometry()),
        new AttentionPool(cache),
        cache.selection(indexBytes));
  }

  /** Blocks of every layer. */
  public ModelGeometry geometry() {
    return cache.geometry();
  }

  /** Tokens of a chunk. */
  public int chunkTokens() {
    return geometry().blockTokens();
  }

  /** The element type as clients write it. */
  public String dtype() {
    return geometry().shape().dtype().name().toLowerCase(Locale.ROOT);
  }

  /** The levels by name. */
  public List<String> levelNames() {
    return levels.stream().map(Encodings::name).toList();
  }
}
