package dev.varve.sdk.internal.far;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.Partial;
import dev.varve.attention.SharedPrefixAttention;
import dev.varve.compression.EncodedHeads;
import dev.varve.sdk.attention.PartialRequest;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Attends every query of a request to every token of a block. For one thread at a time. */
final class WholeSink implements PartialSink {

  private final SharedPrefixAttention attention;
  private @Nullable BlockGeometry geometry;
  private int queries;
  private int first;

  WholeSink(AttentionKernel kernel) {
    this.attention = new SharedPrefixAttention(kernel);
  }

  @Override
  public void start(
      LayerShape seesAll, BlockGeometry block, PartialRequest request, float[] asked, int last) {
    geometry = block;
    queries = request.tokens() * seesAll.queryHeads();
    attention.start(seesAll, 1, request.tokens());
    attention.add(asked, 0, last, request.tokens());
  }

  @Override
  public void next(int firstToken) {
    first = firstToken;
  }

  @Override
  public boolean wants(int firstToken) {
    return true;
  }

  @Override
  public int queries() {
    return queries;
  }

  @Override
  public boolean chosenRows() {
    return false;
  }

  @Override
  public void raw(MemorySegment block) {
    BlockGeometry shape = Objects.requireNonNull(geometry, "geometry");
    attention.addBlock(block, shape, first, shape.tokens(), 0, 1);
  }

  @Override
  public void encoded(EncodedHeads heads) {
    attention.addEncoded(heads, first, 0, 1);
  }

  @Override
  public void finish(Partial target) {
    attention.finish(0, target);
  }
}
