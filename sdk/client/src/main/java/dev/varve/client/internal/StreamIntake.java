package dev.varve.client.internal;

import dev.varve.client.LayerSink;
import dev.varve.sdk.wire.BlockTensors;
import dev.varve.sdk.wire.FrameAssembler;
import dev.varve.sdk.wire.WireBlocks;
import dev.varve.sdk.wire.WireFrame;
import dev.varve.sdk.wire.WireFrameDescriptor;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backends;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes the frames of a stream while more of them come, and shows them to the engine. Everything
 * is checked: a frame that is out of place, damaged or missing ends what is usable. For one thread.
 */
public final class StreamIntake {

  private static final Logger LOG = LoggerFactory.getLogger(StreamIntake.class);

  private final ModelGeometry geometry;
  private final ModelShape shape;
  private final WireBlocks blocks;
  private final MemorySegment block;
  private final LayerSink sink;
  private final ClientCounters counters;
  private int tokens;
  private int layer;
  private boolean usable = true;

  /**
   * @param firstToken where the stream begins
   */
  public StreamIntake(
      ModelGeometry geometry, int firstToken, LayerSink sink, ClientCounters counters) {
    this.geometry = geometry;
    this.shape = geometry.shape();
    this.sink = sink;
    this.counters = counters;
    this.tokens = firstToken;
    this.blocks = new WireBlocks(geometry, Backends.choose(Optional.empty()).backend());
    this.block = Arena.ofAuto().allocate(geometry.largestBlock(), BlockGeometry.ALIGNMENT);
  }

  /** Tokens from the start of the context that the engine has, all layers of them. */
  public int tokens() {
    return tokens;
  }

  /** Whether everything so far was usable. */
  public boolean usable() {
    return usable;
  }

  /** Reads the reply to a stream to its end. */
  public void read(ReplyReader reply) throws RemoteException {
    int chunks = reply.array();
    for (int chunk = 0; chunk < chunks; chunk++) {
      int frames = reply.array();
      for (int frame = 0; frame < frames; frame++) {
        readFrame(reply);
      }
      if (layer != 0) {
        refuse("a chunk ends before layer " + layer);
      }
    }
  }

  private void readFrame(ReplyReader reply) throws RemoteException {
    int longest =
        (int)
            Math.min(
                WireFrameDescriptor.MAX_PAYLOAD_BYTES, 2 * geometry.largestBlock() + (1 << 16));
    FrameAssembler assembler = new FrameAssembler(longest, this::take);
    boolean present =
        reply.bulk(part -> {
          counters.receivedBytes.add(part.readableBytes());
          if (usable) {
            feed(assembler, part);
          }
        });
    if (!present) {
      refuse("the server lost a block");
    } else if (!assembler.atBoundary()) {
      refuse("a frame ends too early");
    }
  }

  private void feed(FrameAssembler assembler, ByteBuf part) {
    for (ByteBuffer bytes : part.nioBuffers()) {
      assembler.accept(MemorySegment.ofBuffer(bytes)).ifPresent(this::refuse);
    }
  }

  private void take(WireFrame frame, MemorySegment payload) {
    if (!usable) {
      return;
    }
    if (frame.firstToken() != tokens || frame.tokens() != geometry.blockTokens()) {
      refuse(
          "a frame of %d tokens at %d came, expected are %d at %d"
              .formatted(frame.tokens(), frame.firstToken(), geometry.blockTokens(), tokens));
    } else if (frame.kind() == WireFrame.Kind.TEXT) {
      takeText(frame);
    } else {
      takeBlock(frame, payload);
    }
  }

  private void takeText(WireFrame frame) {
    if (layer != 0) {
      refuse("text came in the middle of a chunk");
      return;
    }
    sink.compute(frame.firstToken(), frame.tokens());
    tokens += frame.tokens();
  }

  private void takeBlock(WireFrame frame, MemorySegment payload) {
    if (frame.layer() != layer) {
      refuse("layer %d came, expected is %d".formatted(frame.layer(), layer));
      return;
    }
    Optional<String> refusal = blocks.decode(frame, payload, block);
    if (refusal.isPresent()) {
      refuse(refusal.get());
      return;
    }
    sink.layer(layer, frame.firstToken(), BlockTensors.of(geometry.block(layer), block));
    do {
      layer++;
    } while (layer < shape.layerCount() && !shape.owns(layer));
    if (layer == shape.layerCount()) {
      layer = 0;
      tokens += frame.tokens();
    }
  }

  private void refuse(String reason) {
    if (usable) {
      usable = false;
      counters.refusedFrames.increment();
      LOG.error("a stream is usable for {} tokens only: {}", tokens, reason);
    }
  }
}
