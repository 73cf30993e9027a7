package dev.varve.offload.variant;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodedHeads;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.ModelGeometry;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Codecs that are kept between uses, for a codec is for one thread at a time: as many as were ever
 * used at once, each with scratch memory for one payload. Thread-safe.
 */
final class CodecPool {

  /** What codecs are opened for; layers that are alike share theirs. */
  private record Kind(Encoding encoding, BlockGeometry geometry, RopeSpec rope) {}

  private final ModelGeometry model;
  private final Backend backend;
  private final Map<Kind, Queue<Loan>> idle = new ConcurrentHashMap<>();

  CodecPool(ModelGeometry model, Backend backend) {
    this.model = model;
    this.backend = backend;
  }

  /**
   * A codec for blocks of {@code layer}, until it is closed.
   *
   * @throws IllegalArgumentException if the encoding is unknown or cannot write such blocks
   */
  Loan borrow(Encoding encoding, int layer) {
    RopeSpec rope = model.shape().layers().get(layer).rope();
    Kind kind = new Kind(encoding, model.block(layer), rope);
    Queue<Loan> queue = idle.computeIfAbsent(kind, _ -> new ConcurrentLinkedQueue<>());
    Loan loan = queue.poll();
    return loan == null
        ? new Loan(
            Codecs.open(encoding, kind.geometry(), rope, backend),
            EncodedHeads.open(encoding, kind.geometry(), rope, backend),
            queue)
        : loan;
  }

  /** A codec in use by one thread. */
  static final class Loan implements AutoCloseable {

    private final BlockCodec codec;
    private final Optional<EncodedHeads> heads;
    private final Queue<Loan> home;
    private final MemorySegment payload;
    private long filled;

    private Loan(BlockCodec codec, Optional<EncodedHeads> heads, Queue<Loan> home) {
      this.codec = codec;
      this.heads = heads;
      this.home = home;
      this.payload =
          Arena.ofAuto()
              .allocate(codec.maxBytes(codec.geometry().tokens()), BlockGeometry.ALIGNMENT);
    }

    BlockCodec codec() {
      return codec;
    }

    /** Reads a payload head by head; empty where the encoding has no rows of their own. */
    Optional<EncodedHeads> heads() {
      return heads;
    }

    /** Turns {@link #heads} to what was filled in; says why if it cannot be read. */
    Optional<String> show() {
      if (filled > payload.byteSize()) {
        return Optional.of(tooLong());
      }
      int wanted = codec.geometry().tokens();
      return switch (heads.orElseThrow().show(payload.asSlice(0, filled))) {
        case DecodeResult.Refused(var _, String reason) -> Optional.of(reason);
        case DecodeResult.Decoded(int tokens) ->
            tokens == wanted ? Optional.empty() : Optional.of(otherTokens(tokens));
      };
    }

    private String tooLong() {
      return "it has %d bytes, a block takes %d at most".formatted(filled, payload.byteSize());
    }

    private String otherTokens(int tokens) {
      return "it holds %d tokens, a sealed block %d".formatted(tokens, codec.geometry().tokens());
    }

    /** Memory for one payload of any length that the codec writes. */
    MemorySegment payload() {
      return payload;
    }

    /** Takes a copy of what is to be decoded. */
    void fill(MemorySegment stored) {
      filled = stored.byteSize();
      payload.asSlice(0, Math.min(filled, payload.byteSize())).copyFrom(first(stored));
    }

    private MemorySegment first(MemorySegment stored) {
      return stored.asSlice(0, Math.min(stored.byteSize(), payload.byteSize()));
    }

    /** Decodes that to the front of {@code target}; says why if it cannot be. */
    Optional<String> decode(MemorySegment target) {
      if (filled > payload.byteSize()) {
        return Optional.of(tooLong());
      }
      BlockGeometry geometry = codec.geometry();
      MemorySegment block = target.asSlice(0, geometry.bytes());
      return switch (codec.decode(payload.asSlice(0, filled), block)) {
        case DecodeResult.Refused(var _, String reason) -> Optional.of(reason);
        case DecodeResult.Decoded(int tokens) when tokens != geometry.tokens() ->
            Optional.of(otherTokens(tokens));
        case DecodeResult.Decoded decoded -> {
          clearPadding(geometry, block);
          yield Optional.empty();
        }
      };
    }

    private static void clearPadding(BlockGeometry geometry, MemorySegment block) {
      long keys = geometry.keyBytes();
      long values = geometry.valueIsPrefixOfKey() ? keys : geometry.valuesOffset();
      block.asSlice(keys, values - keys).fill((byte) 0);
      block.asSlice(values + geometry.valueBytes()).fill((byte) 0);
    }

    @Override
    public void close() {
      home.add(this);
    }
  }
}
