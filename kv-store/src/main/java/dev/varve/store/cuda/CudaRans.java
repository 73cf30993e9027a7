package dev.varve.store.cuda;

/**
 * Decodes streams of interleaved rANS states on the device, a warp a stream. For the thread of its
 * {@link CudaKernels}.
 */
public final class CudaRans {
  /** Most states of a stream. */
  public static final int MOST_STATES = 64;

  private final CudaKernels kernels;

  /** Decoding by these kernels. */
  public CudaRans(CudaKernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Streams to decode; all addresses are of the device.
   *
   * @param data states and words of all streams, one stream after the other
   * @param offsets where each stream begins in {@code data}, and where the last ends, {@code u64}
   * @param runs how many runs each stream has, {@code u32}
   * @param lengths symbols of each run of a stream, {@code u32}
   * @param firstRun for each stream where its runs begin in {@code tableOf}, {@code u32}
   * @param targets where the symbols of each stream go in the target, {@code u64}
   * @param tables tables of 4096 slots, {@code u32}: symbol in 8 bits, number of the occurrence in
   *     12, frequency less one in 12
   * @param tableOf the table of each run, {@code u32}
   * @param count how many streams there are
   * @param states states of each stream, a power of two up to {@value #MOST_STATES}
   */
  public record Streams(
      long data,
      long offsets,
      long runs,
      long lengths,
      long firstRun,
      long targets,
      long tables,
      long tableOf,
      int count,
      int states) {
    public Streams {
      if (states < 1 || states > MOST_STATES || Integer.bitCount(states) != 1) {
        throw new IllegalArgumentException(
            "states must be a power of two up to " + MOST_STATES + ": " + states);
      }
    }
  }

  /**
   * Decodes streams into their places.
   *
   * @param target bytes, written
   * @param failed {@code u32} for each stream, written: not 0 where a stream is damaged, and its
   *     symbols must not be used
   */
  public void decode(Streams streams, long target, long failed, CudaStream stream) {
    kernels
        .arguments()
        .with(streams.data())
        .with(streams.offsets())
        .with(streams.runs())
        .with(streams.lengths())
        .with(streams.firstRun())
        .with(streams.targets())
        .with(streams.tables())
        .with(streams.tableOf())
        .with(target)
        .with(failed)
        .with(streams.states());
    LaunchGrid grid = LaunchGrid.of(streams.count(), 1, 32);
    kernels.launch(KernelFile.RANS, "decode_rans", grid, stream);
  }
}
