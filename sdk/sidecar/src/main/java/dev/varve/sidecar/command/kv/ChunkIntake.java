package dev.varve.sidecar.command.kv;

import dev.varve.compression.Encodings;
import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.PrefixWriter;
import dev.varve.sdk.wire.BlockTensors;
import dev.varve.sdk.wire.FrameAssembler;
import dev.varve.sdk.wire.WireFrame;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers the frames of a chunk, all layers in order, and stores it; then of the next. Memory for
 * one chunk is held. For one thread.
 */
final class ChunkIntake implements FrameAssembler.Sink {

  private final ServedModel model;
  private final ModelShape shape;
  private final PrefixWriter writer;
  private final KvRequest.Range chunks;
  private final List<MemorySegment> layers = new ArrayList<>();
  private int chunk;
  private int layer;
  private int frames;

  /**
   * @param chunks that the frames hold
   * @param arena owns the memory for a chunk
   */
  ChunkIntake(ServedModel model, PrefixWriter writer, KvRequest.Range chunks, Arena arena) {
    this.model = model;
    this.shape = model.geometry().shape();
    this.writer = writer;
    this.chunks = chunks;
    this.chunk = chunks.first();
    for (int i = 0; i < shape.layerCount(); i++) {
      // A layer that shares another's cache is not read, and shows the other's rows.
      layers.add(
          shape.owns(i)
              ? arena.allocate(model.geometry().block(i).bytes(), BlockGeometry.ALIGNMENT)
              : layers.get(shape.ownerOf(i)));
    }
  }

  @Override
  public void frame(WireFrame frame, MemorySegment payload) {
    check(frame);
    boolean stored = writer.tokens() > chunk * model.chunkTokens();
    if (!stored) {
      model
          .blocks()
          .with(bench -> bench.blocks().decode(frame, payload, layers.get(layer)))
          .ifPresent(reason -> {
            throw refusal(reason);
          });
    }
    frames++;
    do {
      layer++;
    } while (layer < shape.layerCount() && !shape.owns(layer));
    if (layer == shape.layerCount()) {
      if (!stored) {
        writer.write(tensors());
      }
      layer = 0;
      chunk++;
    }
  }

  private void check(WireFrame frame) {
    if (chunk == chunks.end()) {
      throw refusal("all chunks were there before it");
    }
    if (frame.layer() != layer || frame.firstToken() != chunk * model.chunkTokens()) {
      throw refusal(
          "it holds layer %d at token %d, next is layer %d at token %d"
              .formatted(frame.layer(), frame.firstToken(), layer, chunk * model.chunkTokens()));
    }
    if (!frame.encoding().exact()) {
      throw refusal(
          "%s is an approximation: put exact blocks, the server approximates on the way out"
              .formatted(Encodings.name(frame.encoding())));
    }
  }

  private List<LayerTensors> tensors() {
    List<LayerTensors> tensors = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      tensors.add(BlockTensors.of(model.geometry().block(i), layers.get(i)));
    }
    return tensors;
  }

  /** The error of a frame that is refused. */
  CommandException refusal(String reason) {
    return CommandException.of("frame %d is refused: %s".formatted(frames, reason));
  }

  /** Refuses frames that end too early. */
  void checkComplete(boolean atBoundary) {
    if (!atBoundary || chunk != chunks.end()) {
      throw CommandException.of(
          "the frames end in chunk %d, %d chunks were announced".formatted(chunk, chunks.count()));
    }
  }
}
