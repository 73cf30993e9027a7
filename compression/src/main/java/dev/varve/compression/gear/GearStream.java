package dev.varve.compression.gear;

import dev.varve.compression.CodecContext;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.Checks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One section of a growing sequence, as GEAR (Kang et al., 2024) streams it: new tokens wait in
 * full precision until there are as many as a segment has, and become a segment of their own, which
 * never changes again. Attention reads segments and waiting tokens alike. For one thread at a time.
 */
public final class GearStream {
  private final GearCodec codec;
  private final SectionShape shape;
  private final Arena arena;
  private final List<MemorySegment> segments = new ArrayList<>();
  private final float[] waiting;
  private int waitingTokens;

  /**
   * @param codec writes the segments
   * @param shape of a segment: {@code blockTokens} tokens each
   * @param arena where segments live; owned by the caller
   */
  public GearStream(GearCodec codec, SectionShape shape, Arena arena) {
    if (shape.blockTokens() % codec.tokenGroup() != 0) {
      throw new IllegalArgumentException(
          "segments of %d tokens are no multiple of the group of %d"
              .formatted(shape.blockTokens(), codec.tokenGroup()));
    }
    this.codec = codec;
    this.shape = shape;
    this.arena = arena;
    this.waiting = new float[shape.values(shape.blockTokens())];
  }

  /** All tokens so far. */
  public int tokens() {
    return segments.size() * shape.blockTokens() + waitingTokens;
  }

  /** Tokens that wait in full precision: less than a segment. */
  public int waitingTokens() {
    return waitingTokens;
  }

  /** Bytes of the segments. */
  public long segmentBytes() {
    return segments.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  /**
   * Adds one token.
   *
   * @param rows {@code [heads][dim]} finite numbers
   * @throws IllegalArgumentException if the full segment cannot be encoded: says why
   */
  public void append(float[] rows) {
    Objects.checkFromIndexSize(0, shape.channels(), rows.length);
    int full = shape.blockTokens();
    for (int head = 0; head < shape.heads(); head++) {
      int at = (head * full + waitingTokens) * shape.dim();
      System.arraycopy(rows, head * shape.dim(), waiting, at, shape.dim());
    }
    waitingTokens++;
    if (waitingTokens == full) {
      seal();
      waitingTokens = 0;
    }
  }

  private void seal() {
    MemorySegment segment = arena.allocate(codec.maxBytes(waitingTokens));
    SectionFloats floats = new SectionFloats(shape, waitingTokens, 0, waiting);
    switch (codec.encode(floats, CodecContext.of(waitingTokens), segment)) {
      case Encoded(long bytes) -> segments.add(segment.asSlice(0, bytes));
      case EncodeResult.Refused refused -> throw new IllegalArgumentException(refused.reason());
    }
  }

  /** {@code scores[t] = query . x'[t]} for all tokens of one head. */
  public void scores(int head, float[] query, float[] scores) {
    Checks.inRange(head, 0, shape.heads() - 1, "head");
    int full = shape.blockTokens();
    float[] part = new float[full];
    int at = 0;
    for (MemorySegment segment : segments) {
      codec.scores(segment, full, head, query, part);
      System.arraycopy(part, 0, scores, at, full);
      at += full;
    }
    for (int token = 0; token < waitingTokens; token++) {
      float sum = 0;
      for (int j = 0; j < shape.dim(); j++) {
        sum += query[j] * waiting[(head * full + token) * shape.dim() + j];
      }
      scores[at + token] = sum;
    }
  }

  /** {@code out = sum of weights[t] * x'[t]} over all tokens of one head. */
  public void weightedSum(int head, float[] weights, float[] out) {
    Checks.inRange(head, 0, shape.heads() - 1, "head");
    int full = shape.blockTokens();
    float[] part = new float[shape.dim()];
    Arrays.fill(out, 0, shape.dim(), 0f);
    int at = 0;
    for (MemorySegment segment : segments) {
      codec.weightedSum(segment, full, head, Arrays.copyOfRange(weights, at, at + full), part);
      for (int j = 0; j < shape.dim(); j++) {
        out[j] += part[j];
      }
      at += full;
    }
    for (int token = 0; token < waitingTokens; token++) {
      for (int j = 0; j < shape.dim(); j++) {
        out[j] += weights[at + token] * waiting[(head * full + token) * shape.dim() + j];
      }
    }
  }
}
