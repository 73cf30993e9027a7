package dev.varve.sdk.wire;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.ExactTokens;
import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.ModelGeometry;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes blocks of one model as frames and reads them back. Holds scratch memory of one frame, and
 * of one codec per encoding and kind of layer: for one thread at a time.
 */
public final class WireBlocks {

  /** First tokens of a sequence that approximations keep exactly: attention falls back to them. */
  private static final int SINKS = 4;

  private record Kind(Encoding encoding, BlockGeometry geometry, RopeSpec rope) {}

  private final ModelGeometry model;
  private final Backend backend;
  private final Map<Kind, BlockCodec> codecs = new HashMap<>();
  private MemorySegment scratch = MemorySegment.NULL;

  public WireBlocks(ModelGeometry model, Backend backend) {
    this.model = model;
    this.backend = backend;
  }

  /** The model whose blocks these are. */
  public ModelGeometry model() {
    return model;
  }

  /**
   * Whether blocks of all layers can be written so.
   *
   * @throws IllegalArgumentException if not: says which layer and why
   */
  public void check(Encoding encoding) {
    for (int layer = 0; layer < model.shape().layerCount(); layer++) {
      var _ = codec(encoding, layer);
    }
  }

  private BlockCodec codec(Encoding encoding, int layer) {
    RopeSpec rope = model.shape().layers().get(layer).rope();
    return codecs.computeIfAbsent(
        new Kind(encoding, model.block(layer), rope),
        kind -> Codecs.open(kind.encoding, kind.geometry, rope, backend));
  }

  /**
   * Writes a block as a frame; raw where the encoding refuses it or makes it no smaller.
   *
   * @param block the whole raw block
   * @return header and payload, valid until the next call
   */
  public MemorySegment encode(int layer, int firstToken, Encoding encoding, MemorySegment block) {
    BlockGeometry geometry = model.block(layer);
    BlockCodec codec = codec(encoding, layer);
    long room = Math.max(codec.maxBytes(geometry.tokens()), geometry.bytes());
    MemorySegment payload = room(room).asSlice(BlockGeometry.ALIGNMENT);
    MemorySegment whole = block.asSlice(0, geometry.bytes());
    Encoding written = encoding;
    long length = geometry.bytes();
    if (!encoding.equals(Encoding.RAW)
        && codec.encode(whole, context(firstToken), payload) instanceof EncodeResult.Encoded(long n)
        && n < length) {
      length = n;
    } else {
      payload.copyFrom(whole);
      written = Encoding.RAW;
    }
    MemorySegment frame =
        scratch.asSlice(
            BlockGeometry.ALIGNMENT - WireFrameDescriptor.HEADER_BYTES,
            WireFrameDescriptor.HEADER_BYTES + length);
    int crc = BlockChecksum.crc32c(payload.asSlice(0, length));
    WireFrameDescriptor.write(
        new WireFrame(
            WireFrame.Kind.BLOCK,
            written,
            layer,
            firstToken,
            geometry.tokens(),
            Math.toIntExact(length),
            crc),
        frame);
    return frame;
  }

  private CodecContext context(int firstToken) {
    ExactTokens sinks = firstToken == 0 ? new ExactTokens(SINKS, 0) : ExactTokens.NONE;
    return CodecContext.of(model.blockTokens()).at(firstToken).keeping(sinks, sinks);
  }

  /** Memory for a header and {@code payload} bytes behind it at an aligned place. */
  private MemorySegment room(long payload) {
    long wanted = BlockGeometry.ALIGNMENT + payload;
    if (scratch.byteSize() < wanted) {
      scratch = Arena.ofAuto().allocate(wanted, BlockGeometry.ALIGNMENT);
    }
    return scratch;
  }

  /**
   * Reads the block of a frame. Total: whatever the bytes are, the result is a value.
   *
   * @param payload what follows the header, of any alignment
   * @param block native memory of a whole raw block, written; undefined if the frame is refused
   * @return why it is refused; empty if {@code block} holds the block
   */
  public Optional<String> decode(WireFrame frame, MemorySegment payload, MemorySegment block) {
    Optional<String> misfit = misfit(frame, payload);
    if (misfit.isPresent()) {
      return misfit;
    }
    BlockGeometry geometry = model.block(frame.layer());
    if (frame.encoding().equals(Encoding.RAW)) {
      block.copyFrom(payload);
      return Optional.empty();
    }
    BlockCodec codec;
    try {
      codec = codec(frame.encoding(), frame.layer());
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    MemorySegment aligned = room(payload.byteSize()).asSlice(0, payload.byteSize());
    return decode(codec, aligned.copyFrom(payload), block.asSlice(0, geometry.bytes()));
  }

  private Optional<String> decode(BlockCodec codec, MemorySegment payload, MemorySegment block) {
    // Padding and whatever a short payload leaves out must not hold bytes of another block.
    block.fill((byte) 0);
    return switch (codec.decode(payload, block)) {
      case DecodeResult.Refused(var _, String reason) -> Optional.of(reason);
      case DecodeResult.Decoded(int tokens) ->
          tokens == model.blockTokens()
              ? Optional.empty()
              : Optional.of(
                  "it holds %d tokens, a block has %d".formatted(tokens, model.blockTokens()));
    };
  }

  private Optional<String> misfit(WireFrame frame, MemorySegment payload) {
    if (frame.kind() != WireFrame.Kind.BLOCK) {
      return Optional.of("it holds text and no block");
    }
    if (frame.layer() >= model.shape().layerCount() || !model.shape().owns(frame.layer())) {
      return Optional.of("the model has no blocks of layer " + frame.layer());
    }
    if (frame.tokens() != model.blockTokens()) {
      return Optional.of(
          "it holds %d tokens, a block has %d".formatted(frame.tokens(), model.blockTokens()));
    }
    if (payload.byteSize() != frame.payloadBytes()) {
      return Optional.of(
          "it says %d bytes and has %d".formatted(frame.payloadBytes(), payload.byteSize()));
    }
    long raw = model.block(frame.layer()).bytes();
    if (frame.encoding().equals(Encoding.RAW) && payload.byteSize() != raw) {
      return Optional.of("a raw block has %d bytes: %d".formatted(raw, payload.byteSize()));
    }
    if (BlockChecksum.crc32c(payload) != frame.payloadChecksum()) {
      return Optional.of("the CRC of its payload differs");
    }
    return Optional.empty();
  }

  /** A frame that leaves its tokens to the engine; {@code ids} may be empty. */
  public static MemorySegment text(int firstToken, int tokens, MemorySegment ids) {
    MemorySegment frame =
        MemorySegment.ofArray(
            new byte[Math.toIntExact(WireFrameDescriptor.HEADER_BYTES + ids.byteSize())]);
    frame.asSlice(WireFrameDescriptor.HEADER_BYTES).copyFrom(ids);
    WireFrameDescriptor.write(
        new WireFrame(
            WireFrame.Kind.TEXT,
            Encoding.RAW,
            0,
            firstToken,
            tokens,
            Math.toIntExact(ids.byteSize()),
            BlockChecksum.crc32c(ids)),
        frame);
    return frame;
  }
}
