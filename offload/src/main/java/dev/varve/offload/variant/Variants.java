package dev.varve.offload.variant;

import dev.varve.compression.CodecContext;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.Encodings;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.ExactTokens;
import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ReadOutcome;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes and reads blocks in the encodings of the tiers, and knows under which keys a tier may hold
 * a block. Thread-safe; codecs run on the thread that asks, with scratch memory of their own.
 */
public final class Variants {

  /**
   * The first tokens of a sequence, which attention falls back to (Xiao et al., StreamingLLM,
   * 2023); they stay exact. The newest do so too, for they are in open blocks, which only HOT has.
   */
  static final int SINKS = 4;

  /** Where a model's blocks were found. */
  private record Found(Fingerprint model, Tier tier) {}

  private final ModelGeometry geometry;
  private final Lineages lineages;
  private final CodecPool pool;
  private final Map<Found, Set<Encoding>> found = new ConcurrentHashMap<>();

  private Variants(ModelGeometry geometry, Lineages lineages, CodecPool pool) {
    this.geometry = geometry;
    this.lineages = lineages;
    this.pool = pool;
  }

  /**
   * Variants in {@code encodings}.
   *
   * @throws IllegalArgumentException if a tier's encoding cannot write blocks of this model: names
   *     the tier, the layer and what does not fit
   */
  public static Variants of(
      Fingerprint model, ModelGeometry geometry, TierEncodings encodings, Backend backend) {
    CodecPool pool = new CodecPool(geometry, backend);
    encodings.byTier().forEach((tier, encoding) -> tryAll(pool, geometry, tier, encoding));
    return new Variants(geometry, new Lineages(model, encodings), pool);
  }

  private static void tryAll(CodecPool pool, ModelGeometry geometry, Tier tier, Encoding encoding) {
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      try {
        pool.borrow(encoding, layer).close();
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s cannot write layer %d of this model as %s: %s"
                .formatted(tier, layer, Encodings.name(encoding), e.getMessage()),
            e);
      }
    }
  }

  /** Every tier raw, whatever the model. */
  public static Variants raw(ModelGeometry geometry) {
    Fingerprint nobody = Fingerprint.of("raw", geometry.shape(), geometry.blockTokens());
    return of(nobody, geometry, TierEncodings.RAW, Backend.SCALAR);
  }

  /** Under which identities blocks of the model are stored. */
  public Lineages lineages() {
    return lineages;
  }

  /**
   * Whether every element that {@code encoding} gives back lies within {@code fraction} of the
   * largest magnitude in the group of elements that share a scale, in every layer. Encodings that
   * promise less than that of each element never do.
   */
  public boolean within(Encoding encoding, double fraction) {
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      try (CodecPool.Loan loan = pool.borrow(encoding, layer)) {
        for (Section section : Section.values()) {
          if (!within(loan.codec().bound(section), fraction)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static boolean within(ErrorBound bound, double fraction) {
    return switch (bound) {
      case ErrorBound.Exact() -> true;
      case ErrorBound.OfGroupPeak(double declared, double _) -> declared <= fraction;
      case ErrorBound.OfRowNorm _, ErrorBound.OfSectionMean _ -> false;
    };
  }

  /** Notes how a block is written that {@code tier} held when it was opened. */
  public void found(BlockHeader header, Tier tier) {
    Encoding encoding = header.key().encoding();
    if (!encoding.equals(Encoding.RAW)) {
      found
          .computeIfAbsent(
              new Found(header.key().chunk().fingerprint(), tier),
              _ -> ConcurrentHashMap.newKeySet())
          .add(encoding);
    }
  }

  /** How {@code tier} wants blocks of {@code chunk} written. */
  public Encoding planned(Chunk chunk, Tier tier) {
    return lineages
        .encodings(chunk.key().fingerprint())
        .map(encodings -> encodings.of(tier))
        .orElse(Encoding.RAW);
  }

  /** Whether {@code chunk} comes back bit by bit from every tier. */
  public boolean exact(Chunk chunk) {
    return lineages.exact(chunk.key().fingerprint());
  }

  /** The keys under one of which {@code tier} holds a block, the likeliest first. */
  public List<BlockKey> keys(Chunk chunk, int layer, Tier tier) {
    Set<Encoding> encodings = new LinkedHashSet<>();
    encodings.add(planned(chunk, tier));
    encodings.add(Encoding.RAW);
    lineages
        .encodings(chunk.key().fingerprint())
        .ifPresent(lineage -> encodings.addAll(lineage.encodings()));
    encodings.addAll(found.getOrDefault(new Found(chunk.key().fingerprint(), tier), Set.of()));
    return encodings.stream().map(encoding -> chunk.key().block(layer, encoding)).toList();
  }

  /**
   * Those of {@link #keys} that may be read: of an exact chunk nothing but exact encodings, and
   * none that this program cannot read.
   */
  public List<BlockKey> readable(Chunk chunk, int layer, Tier tier) {
    boolean exact = exact(chunk);
    return keys(chunk, layer, tier).stream()
        .filter(key -> !exact || key.encoding().exact())
        .filter(key -> key.encoding().equals(Encoding.RAW) || opens(key.encoding(), layer))
        .toList();
  }

  private boolean opens(Encoding encoding, int layer) {
    try (var _ = pool.borrow(encoding, layer)) {
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Writes a sealed block, raw where the encoding refuses it or makes it no smaller.
   *
   * @param exact the block as it was sealed
   * @param staging owns the payload unless that is {@code exact} itself
   */
  public Coding encode(
      Chunk chunk, int layer, Encoding encoding, MemorySegment exact, Arena staging) {
    BlockGeometry block = geometry.block(layer);
    MemorySegment whole = exact.asSlice(0, block.bytes());
    if (encoding.equals(Encoding.RAW)) {
      return new Coding(Encoding.RAW, whole, "");
    }
    try (CodecPool.Loan loan = pool.borrow(encoding, layer)) {
      return switch (loan.codec().encode(whole, context(chunk), loan.payload())) {
        case EncodeResult.Refused(var _, String reason) -> new Coding(Encoding.RAW, whole, reason);
        case EncodeResult.Encoded(long bytes) when bytes >= whole.byteSize() ->
            new Coding(
                Encoding.RAW,
                whole,
                "it takes %d bytes so, raw %d".formatted(bytes, whole.byteSize()));
        case EncodeResult.Encoded(long bytes) ->
            new Coding(
                encoding,
                staging
                    .allocate(bytes, BlockGeometry.ALIGNMENT)
                    .copyFrom(loan.payload().asSlice(0, bytes)),
                "");
      };
    }
  }

  private static CodecContext context(Chunk chunk) {
    ExactTokens sinks = chunk.firstToken() == 0 ? new ExactTokens(SINKS, 0) : ExactTokens.NONE;
    return CodecContext.of(chunk.tokens()).at(chunk.firstToken()).keeping(sinks, sinks);
  }

  /**
   * Reads a block and decodes it to the front of {@code target}. A payload that its codec refuses
   * is damaged.
   *
   * @param target native memory, at least as long as a raw block
   */
  public ReadOutcome read(BlockTier tier, BlockKey key, MemorySegment target) {
    if (key.encoding().equals(Encoding.RAW)) {
      return tier.read(key, target);
    }
    try (CodecPool.Loan loan = pool.borrow(key.encoding(), key.layer())) {
      // Copied out first: a tier that is looked at in place is kept from changing meanwhile.
      ReadOutcome outcome = tier.with(key, (_, stored) -> loan.fill(stored));
      Optional<String> refusal =
          outcome instanceof ReadOutcome.Found ? loan.decode(target) : Optional.empty();
      return refusal.isPresent() ? new ReadOutcome.Damaged(refusal.get()) : outcome;
    }
  }

  /**
   * Shows the rows of a block: a raw one in place, one whose encoding has rows of its own from a
   * copy of its payload, any other decoded to {@code scratch}. A payload that its codec refuses is
   * damaged.
   *
   * @param scratch native memory, at least as long as a raw block
   * @param reader may neither change nor close a tier, and must be quick
   */
  public ReadOutcome show(BlockTier tier, BlockKey key, MemorySegment scratch, RowsReader reader) {
    if (key.encoding().equals(Encoding.RAW)) {
      return tier.with(key, (_, payload) -> reader.raw(payload));
    }
    try (CodecPool.Loan loan = pool.borrow(key.encoding(), key.layer())) {
      ReadOutcome outcome = tier.with(key, (_, stored) -> loan.fill(stored));
      if (!(outcome instanceof ReadOutcome.Found)) {
        return outcome;
      }
      boolean rows = loan.heads().isPresent();
      Optional<String> refusal = rows ? loan.show() : loan.decode(scratch);
      if (refusal.isPresent()) {
        return new ReadOutcome.Damaged(refusal.get());
      }
      if (rows) {
        reader.encoded(loan.heads().get());
      } else {
        reader.raw(scratch);
      }
      return outcome;
    }
  }

  /**
   * Decodes a payload that passed the checks of its tier.
   *
   * @return why it cannot be read; empty if {@code target} holds the block
   */
  public Optional<String> decode(BlockKey key, MemorySegment payload, MemorySegment target) {
    try (CodecPool.Loan loan = pool.borrow(key.encoding(), key.layer())) {
      loan.fill(payload);
      return loan.decode(target);
    }
  }
}
