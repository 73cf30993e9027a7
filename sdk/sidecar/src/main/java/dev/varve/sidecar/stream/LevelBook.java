package dev.varve.sidecar.stream;

import dev.varve.sdk.wire.WireFrame;
import dev.varve.sdk.wire.WireFrameDescriptor;
import dev.varve.sdk.wire.WireFrameReading;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What chunks of one model take in each encoding: to the byte where a chunk was sent so before,
 * else by the mean of those that were; and how long decoding takes. Bounded: the size that was not
 * used for longest is forgotten. Thread-safe.
 */
public final class LevelBook {

  private static final int MOST = 1 << 16;

  /** Weight of the newest chunk in the mean. */
  private static final double NEWEST = 0.1;

  private record Size(long chunk, Encoding encoding) {}

  private static final class Mean {
    private double ratio = 1;
    private double decodeSecondsPerRawByte;
  }

  private final ServedModel model;
  private final LongSupplier nanos;
  private final long rawBytes;
  private final Map<Encoding, Mean> means = new HashMap<>();
  private final Map<Size, Long> exact =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Size, Long> eldest) {
          return size() > MOST;
        }
      };

  /**
   * @param nanos like {@link System#nanoTime}
   */
  public LevelBook(ServedModel model, LongSupplier nanos) {
    this.model = model;
    this.nanos = nanos;
    long raw = 0;
    for (int layer = 0; layer < model.geometry().shape().layerCount(); layer++) {
      raw += model.geometry().shape().owns(layer) ? model.geometry().block(layer).bytes() : 0;
    }
    this.rawBytes = raw;
  }

  /** Bytes of a chunk before it is encoded. */
  public long rawBytes() {
    return rawBytes;
  }

  /** Bytes of a chunk, exactly if it was sent so before. */
  public synchronized long bytes(long chunk, Encoding encoding) {
    @Nullable Long known = exact.get(new Size(chunk, encoding));
    return known == null ? Math.max(1, (long) (mean(encoding).ratio * rawBytes)) : known;
  }

  /** Time to decode a chunk. */
  public synchronized double decodeSeconds(Encoding encoding) {
    return mean(encoding).decodeSecondsPerRawByte * rawBytes;
  }

  private Mean mean(Encoding encoding) {
    return means.computeIfAbsent(encoding, _ -> new Mean());
  }

  /** A chunk was sent and took so many bytes. */
  public synchronized void sent(long chunk, Encoding encoding, long bytes) {
    exact.put(new Size(chunk, encoding), bytes);
    Mean mean = mean(encoding);
    mean.ratio = (1 - NEWEST) * mean.ratio + NEWEST * bytes / rawBytes;
  }

  /** Learns of an encoding that nothing is known of yet, from one block. */
  public void probe(HeldContext held, int chunk, Encoding encoding) {
    synchronized (this) {
      if (means.containsKey(encoding)) {
        return;
      }
    }
    var _ =
        held.frame(
            chunk,
            0,
            encoding,
            frame -> {
              learn(encoding, frame.byteSize(), decodeNanos(frame));
              return encoding;
            });
  }

  private long decodeNanos(MemorySegment bytes) {
    if (!(WireFrameDescriptor.read(bytes) instanceof WireFrameReading.Sound(WireFrame frame))) {
      return 0;
    }
    MemorySegment payload = bytes.asSlice(WireFrameDescriptor.HEADER_BYTES);
    return model
        .blocks()
        .with(bench -> {
          long start = nanos.getAsLong();
          var _ = bench.blocks().decode(frame, payload, bench.block());
          return nanos.getAsLong() - start;
        });
  }

  private synchronized void learn(Encoding encoding, long bytes, long decodeNanos) {
    double raw = model.geometry().block(0).bytes();
    Mean mean = mean(encoding);
    mean.ratio = bytes / raw;
    mean.decodeSecondsPerRawByte = decodeNanos / 1e9 / raw;
  }
}
