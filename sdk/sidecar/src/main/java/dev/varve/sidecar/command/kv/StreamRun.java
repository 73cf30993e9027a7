package dev.varve.sidecar.command.kv;

import dev.varve.sdk.wire.WireBlocks;
import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.DeferredReply;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.stream.ChunkCosts;
import dev.varve.sidecar.stream.LevelController;
import dev.varve.sidecar.stream.StreamChoice;
import dev.varve.sidecar.stream.StreamPace;
import dev.varve.sidecar.stream.StreamTarget;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** One stream: decides about each chunk when its turn comes. For one thread at a time. */
final class StreamRun {

  private static final ValueLayout.OfInt ID =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final HeldContext held;
  private final int firstChunk;
  private final ChunkCosts costs;
  private final StreamPace pace;
  private final int[] tokenIds;
  private final Counters counters;
  private final LevelController controller;

  /**
   * @param held retained by every chunk
   * @param tokenIds of the whole context; none if it was named otherwise
   */
  StreamRun(
      HeldContext held,
      int firstChunk,
      ChunkCosts costs,
      StreamTarget target,
      StreamPace pace,
      int[] tokenIds,
      Counters counters) {
    this.held = held;
    this.firstChunk = firstChunk;
    this.costs = costs;
    this.pace = pace;
    this.tokenIds = tokenIds;
    this.counters = counters;
    this.controller = new LevelController(costs, target);
  }

  /** The frames of a chunk of the stream, once it is its turn. */
  DeferredReply chunk(int index) {
    held.retain();
    return new DeferredReply() {
      @Override
      public Reply make() {
        try {
          return made(index);
        } finally {
          held.release();
        }
      }

      @Override
      public void close() {
        held.release();
      }
    };
  }

  private Reply made(int index) {
    if (index == 0 && costs.levels() > 1) {
      costs.levelList().forEach(level -> costs.book().probe(held, firstChunk, level));
    }
    return switch (controller.choose(index, pace.elapsedSeconds(), pace.bytesPerSecond())) {
      case StreamChoice.AtLevel(int level) -> frames(index, costs.levelList().get(level));
      case StreamChoice.AsText() -> text(index);
    };
  }

  private Reply frames(int index, Encoding level) {
    ServedModel model = held.model();
    SentChunk sent = new SentChunk(costs, index, level, model.geometry().owningLayers(), pace);
    List<Reply> frames = new ArrayList<>();
    for (int layer = 0; layer < model.geometry().shape().layerCount(); layer++) {
      if (model.geometry().shape().owns(layer)) {
        held.retain();
        frames.add(
            new Reply.Deferred(
                new FrameReply(held, firstChunk + index, layer, level, counters, sent)));
      }
    }
    return new Reply.Many(frames);
  }

  private Reply text(int index) {
    int span = held.model().chunkTokens();
    int from = (firstChunk + index) * span;
    byte[] ids = new byte[tokenIds.length == 0 ? 0 : span * Integer.BYTES];
    MemorySegment memory = MemorySegment.ofArray(ids);
    for (int i = 0; i < ids.length / Integer.BYTES; i++) {
      memory.setAtIndex(ID, i, tokenIds[from + i]);
    }
    MemorySegment frame = WireBlocks.text(from, span, memory);
    return Reply.many(new Reply.Bulk(frame.toArray(ValueLayout.JAVA_BYTE)));
  }

  /** Sums up the frames of a chunk. */
  private static final class SentChunk implements FrameWatch {

    private final ChunkCosts costs;
    private final int index;
    private final Encoding level;
    private final StreamPace pace;
    private int missing;
    private long bytes;

    SentChunk(ChunkCosts costs, int index, Encoding level, int frames, StreamPace pace) {
      this.costs = costs;
      this.index = index;
      this.level = level;
      this.missing = frames;
      this.pace = pace;
    }

    @Override
    public void made(int frameBytes) {
      pace.offered(frameBytes);
      bytes += frameBytes;
      if (--missing == 0) {
        costs.book().sent(costs.names()[index], level, bytes);
      }
    }

    @Override
    public void written(int pieceBytes) {
      pace.written(pieceBytes);
    }
  }
}
