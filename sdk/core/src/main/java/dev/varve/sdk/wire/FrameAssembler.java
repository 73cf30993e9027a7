package dev.varve.sdk.wire;

import dev.varve.store.Checks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts bytes that come in pieces into frames. Bounded: a payload that is longer than allowed is
 * refused before memory is taken for it. For one thread at a time.
 */
public final class FrameAssembler {

  /** Takes the frames in order. */
  @FunctionalInterface
  public interface Sink {

    /**
     * One frame; its checksum is not checked yet.
     *
     * @param payload borrowed until the call returns
     */
    void frame(WireFrame frame, MemorySegment payload);
  }

  private final int maxPayloadBytes;
  private final Sink sink;
  private final MemorySegment header =
      MemorySegment.ofArray(new byte[WireFrameDescriptor.HEADER_BYTES]);
  private MemorySegment payload = MemorySegment.NULL;
  private @Nullable WireFrame current;
  private long filled;

  /**
   * @param maxPayloadBytes longest payload that is taken
   */
  public FrameAssembler(int maxPayloadBytes, Sink sink) {
    this.maxPayloadBytes = Checks.positive(maxPayloadBytes, "longest payload");
    this.sink = sink;
  }

  /**
   * Takes the next bytes.
   *
   * @return why they are refused; nothing more may be given then
   */
  public Optional<String> accept(MemorySegment piece) {
    long at = 0;
    while (at < piece.byteSize() || complete()) {
      if (complete()) {
        deliver();
        continue;
      }
      MemorySegment target = current == null ? header : payload;
      long wanted = current == null ? header.byteSize() : current.payloadBytes();
      long count = Math.min(wanted - filled, piece.byteSize() - at);
      MemorySegment.copy(piece, at, target, filled, count);
      filled += count;
      at += count;
      if (current == null && filled == wanted) {
        Optional<String> refusal = begin();
        if (refusal.isPresent()) {
          return refusal;
        }
      }
    }
    return Optional.empty();
  }

  private boolean complete() {
    return current != null && filled == current.payloadBytes();
  }

  private void deliver() {
    WireFrame frame = current;
    current = null;
    filled = 0;
    if (frame != null) {
      sink.frame(frame, payload.asSlice(0, frame.payloadBytes()));
    }
  }

  private Optional<String> begin() {
    return switch (WireFrameDescriptor.read(header)) {
      case WireFrameReading.Refused(String reason) -> Optional.of(reason);
      case WireFrameReading.Sound(WireFrame frame) when frame.payloadBytes() > maxPayloadBytes ->
          Optional.of(
              "a payload of %d bytes is too long, the longest has %d"
                  .formatted(frame.payloadBytes(), maxPayloadBytes));
      case WireFrameReading.Sound(WireFrame frame) -> {
        if (payload.byteSize() < frame.payloadBytes()) {
          payload = Arena.ofAuto().allocate(Math.max(1, frame.payloadBytes()), 64);
        }
        current = frame;
        filled = 0;
        yield Optional.empty();
      }
    };
  }

  /** Whether the bytes so far end with a frame. */
  public boolean atBoundary() {
    return current == null && filled == 0;
  }
}
