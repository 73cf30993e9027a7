package dev.varve.cli.bench;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.cuda.CudaAttention;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaGather;
import dev.varve.store.cuda.CudaKernels;
import dev.varve.store.cuda.CudaQuantizer;
import dev.varve.store.cuda.CudaScores;
import dev.varve.store.cuda.CudaTopK;
import dev.varve.store.cuda.PinnedMemory;
import dev.varve.store.cuda.SelectedRows;
import dev.varve.store.cuda.StagingRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The lines of goal P15 on a device: our kernels beside the floor of the bytes that they must move,
 * at the rate at which this device copies in the same run, and beside peers where a script names
 * them.
 */
public final class GpuBench {
  /** Name of a line, before how many sequences it has. */
  public static final String FULL_DECODE = "full decode, batch ";

  private static final long SEED = 7;

  private final CudaDevice device;
  private final Sizes sizes;
  private final GpuPeers peers;
  private final List<Finding> findings = new ArrayList<>();
  private double readMicrosecondsOfByte;

  /**
   * What is measured.
   *
   * @param tokens of a sequence, a multiple of 128
   * @param kvHeads of the layer
   * @param group query heads of each
   * @param dim elements of a head, 64 or 128
   * @param batch sequences of the larger batch
   * @param chosen tokens that a selection keeps
   * @param copyBytes of the copies
   * @param repeats of which medians are taken
   */
  public record Sizes(
      int tokens,
      int kvHeads,
      int group,
      int dim,
      int batch,
      int chosen,
      long copyBytes,
      int repeats) {
    public Sizes {
      Checks.positive(kvHeads, "kvHeads");
      Checks.positive(group, "group");
      Checks.positive(batch, "batch");
      if (tokens < 128 || tokens % 128 != 0) {
        throw new IllegalArgumentException("tokens must be a multiple of 128: " + tokens);
      }
      Checks.inRange(chosen, 1, tokens, "chosen");
    }

    /** Bytes of the keys of one sequence; its values are as many. */
    long keyBytes() {
      return (long) tokens * kvHeads * dim * 2;
    }
  }

  /** A run on {@code device}. */
  public GpuBench(CudaDevice device, Sizes sizes, GpuPeers peers) {
    this.device = device;
    this.sizes = sizes;
    this.peers = peers;
  }

  /** Measures every line. */
  public List<Finding> run() {
    try (GpuTimer timer = new GpuTimer(device, sizes.repeats());
        CudaKernels kernels = new CudaKernels(device.driver());
        GpuKv kv = new GpuKv(device, sizes, sizes.batch())) {
      copies(timer, kv);
      double full = attention(timer, kernels, kv, 1, 1.7);
      attention(timer, kernels, kv, sizes.batch(), 1.35);
      selection(timer, kernels, kv, full);
      gather(timer, kernels, kv);
      quantize(timer, kernels, kv);
      launches(timer, kernels, kv);
    }
    return List.copyOf(findings);
  }

  private void copies(GpuTimer timer, GpuKv kv) {
    long bytes = sizes.copyBytes();
    long from = kv.space(bytes);
    long to = kv.space(bytes);
    double onDevice =
        timer.microseconds(
            () -> device.driver().copyOnDevice(to, from, bytes, timer.stream().handle()));
    readMicrosecondsOfByte = onDevice / (2.0 * bytes);
    findings.add(Finding.of("copy on the device", onDevice, "us"));
    try (PinnedMemory pinned = new PinnedMemory(device.driver(), bytes);
        Arena arena = Arena.ofShared();
        StagingRing ring = new StagingRing(device.driver(), Math.min(bytes, 8 << 20), 4)) {
      double up = timer.microseconds(() -> timer.stream().copyToDevice(to, pinned.bytes()));
      double down = timer.microseconds(() -> timer.stream().copyToHost(pinned.bytes(), to));
      findings.add(Finding.of("copy to the device, pinned", up, "us"));
      findings.add(Finding.of("copy from the device, pinned", down, "us"));
      MemorySegment ordinary = arena.allocate(bytes, 4096);
      double ringUp = timer.callNanoseconds(1, () -> ring.upload(to, ordinary)) / 1000;
      double ringDown = timer.callNanoseconds(1, () -> ring.download(ordinary, to)) / 1000;
      findings.add(
          Finding.of("to the device through the ring", ringUp, "us")
              .atMost(up / 0.9)
              .beside("pinned copy", up));
      findings.add(
          Finding.of("from the device through the ring", ringDown, "us")
              .atMost(down / 0.9)
              .beside("pinned copy", down));
    }
  }

  private double attention(
      GpuTimer timer, CudaKernels kernels, GpuKv kv, int sequences, double goal) {
    CudaAttention attention = new CudaAttention(kernels, kv.shape(), kv.geometry());
    int splits = attention.splits(sequences, sizes.tokens(), device.info());
    int heads = sequences * kv.shape().queryHeads();
    long queries = kv.randomFloats(heads * sizes.dim());
    long scratch = kv.space(4 * attention.scratchFloats(sequences, splits));
    long out = kv.space(4L * heads * sizes.dim());
    long lse = kv.space(4L * heads);
    double time =
        timer.microseconds(() ->
            attention.attend(
                kv.rows(sequences),
                SelectedRows.ALL,
                queries,
                scratch,
                out,
                lse,
                splits,
                timer.stream()));
    add(FULL_DECODE + sequences, time, 2L * sequences * sizes.keyBytes(), goal, 0);
    return time;
  }

  private void selection(GpuTimer timer, CudaKernels kernels, GpuKv kv, double full) {
    CudaScores scores = new CudaScores(kernels);
    CudaTopK topK = new CudaTopK(kernels);
    CudaAttention attention = new CudaAttention(kernels, kv.shape(), kv.geometry());
    int heads = kv.shape().queryHeads();
    int tokens = sizes.tokens();
    int chosen = sizes.chosen();
    int splits = attention.splits(1, chosen, device.info());
    long queries = kv.randomFloats(heads * sizes.dim());
    long dots = kv.space(4L * heads * tokens);
    long votes = kv.space(4L * sizes.kvHeads() * tokens);
    long votesScratch = kv.space(4 * scores.scratchFloats(heads));
    long places = kv.space(4L * sizes.kvHeads() * chosen);
    long ranges = kv.upload(MemorySegment.ofArray(ranges(chosen)));
    long scratch = kv.space(4 * attention.scratchFloats(1, splits));
    long out = kv.space(4L * heads * sizes.dim());
    long lse = kv.space(4L * heads);
    Runnable score =
        () -> {
          scores.keys(
              kv.geometry(), sizes.group(), kv.blocks(), tokens, queries, dots, timer.stream());
          scores.votes(
              dots,
              0,
              sizes.kvHeads(),
              sizes.group(),
              tokens,
              kv.shape().scale(),
              votesScratch,
              votes,
              timer.stream());
        };
    Runnable select =
        () -> topK.select(votes, sizes.kvHeads(), tokens, chosen, places, timer.stream());
    Runnable attend =
        () ->
            attention.attend(
                kv.rows(1),
                new SelectedRows(places, ranges, 0),
                queries,
                scratch,
                out,
                lse,
                splits,
                timer.stream());
    double scoring = timer.microseconds(score);
    add("score keys and vote", scoring, sizes.keyBytes(), 1.5, 12);
    double selecting = timer.microseconds(20, select);
    findings.add(
        peers.beside(
            Finding.of(
                    "top %d of %d, %d rows".formatted(chosen, tokens, sizes.kvHeads()),
                    selecting,
                    "us")
                .atMost(15),
            "torch.topk",
            "top_k"));
    long chosenBytes = 2L * chosen * sizes.kvHeads() * sizes.dim() * 2;
    double attending = timer.microseconds(20, attend);
    add("attend to the chosen", attending, chosenBytes, 1.5, 12);
    double selectAttend =
        timer.microseconds(
            10,
            () -> {
              select.run();
              attend.run();
            });
    double floor = (chosenBytes + 4L * sizes.kvHeads() * tokens) * readMicrosecondsOfByte;
    findings.add(
        Finding.of("select and attend", selectAttend, "us")
            .atMost(Math.min(1.5 * floor + 12, full / 4))
            .beside("full decode", full));
    double step =
        timer.microseconds(() -> {
          score.run();
          select.run();
          attend.run();
        });
    findings.add(
        peers.beside(
            Finding.of("score, select and attend", step, "us"), "torch and Triton", "select"));
  }

  private int[] ranges(int chosen) {
    int[] ranges = new int[sizes.kvHeads() + 1];
    for (int head = 0; head <= sizes.kvHeads(); head++) {
      ranges[head] = head * chosen;
    }
    return ranges;
  }

  private void gather(GpuTimer timer, CudaKernels kernels, GpuKv kv) {
    CudaGather gather = new CudaGather(kernels);
    int rowBytes = 1024;
    int rows = (int) Math.min(16_384, sizes.copyBytes() / rowBytes);
    long bytes = (long) rows * rowBytes;
    long target = kv.space(bytes);
    try (PinnedMemory pinned = new PinnedMemory(device.driver(), bytes)) {
      double copied = timer.microseconds(() -> timer.stream().copyToDevice(target, pinned.bytes()));
      long fromHost = shuffled(kv, pinned.bytes().address(), rows, rowBytes);
      double gathered =
          timer.microseconds(() -> gather.rows(fromHost, rows, rowBytes, target, timer.stream()));
      findings.add(
          Finding.of("gather rows of 1 KiB from pinned memory", gathered, "us")
              .atMost(copied / 0.85)
              .beside("one copy", copied));
    }
    long fromDevice = shuffled(kv, kv.space(bytes), rows, rowBytes);
    double onDevice =
        timer.microseconds(() -> gather.rows(fromDevice, rows, rowBytes, target, timer.stream()));
    add("gather rows of 1 KiB on the device", onDevice, 2 * bytes, 1.5, 5);
  }

  private static long shuffled(GpuKv kv, long base, int rows, int rowBytes) {
    SplittableRandom random = new SplittableRandom(SEED);
    long[] sources = new long[rows];
    for (int i = 0; i < rows; i++) {
      int other = random.nextInt(i + 1);
      sources[i] = sources[other];
      sources[other] = base + (long) i * rowBytes;
    }
    return kv.upload(MemorySegment.ofArray(sources));
  }

  private void quantize(GpuTimer timer, CudaKernels kernels, GpuKv kv) {
    CudaQuantizer quantizer = new CudaQuantizer(kernels);
    int rows = (int) Math.min(1 << 20, sizes.copyBytes() / (2L * sizes.dim()));
    long values = (long) rows * sizes.dim();
    long source = kv.space(2 * values);
    device.driver().fill(source, (byte) 0x3c, 2 * values, timer.stream().handle());
    long codes = kv.space(values);
    long back = kv.space(4 * values);
    for (int bits : new int[] {8, 4}) {
      CudaQuantizer.RowCodes form = new CudaQuantizer.RowCodes(sizes.dim(), 32, bits, true);
      long parameters = kv.space(2L * rows * form.parameters());
      long codeBytes = values * bits / 8;
      double down =
          timer.microseconds(() ->
              quantizer.quantize(form, Dtype.F16, source, rows, codes, parameters, timer.stream()));
      add("quantize to %d bits".formatted(bits), down, 2 * values + codeBytes, 1.5, 5);
      double up =
          timer.microseconds(
              () -> quantizer.dequantize(form, codes, parameters, rows, back, timer.stream()));
      add("dequantize %d bits".formatted(bits), up, 4 * values + codeBytes, 1.5, 5);
    }
  }

  private void launches(GpuTimer timer, CudaKernels kernels, GpuKv kv) {
    CudaScores scores = new CudaScores(kernels);
    long from = kv.space(4096);
    long to = kv.space(4096);
    double nanoseconds =
        timer.callNanoseconds(1000, () -> scores.maxPool(from, 1, 32, 1, to, timer.stream()));
    Finding finding =
        peers.beside(
            Finding.of("a launch, as its caller waits", nanoseconds / 1000, "us"), "C", "launch");
    findings.add(
        finding.probed().isPresent()
            ? finding.atMost(1.1 * finding.probed().getAsDouble())
            : finding);
  }

  /** Adds a time beside the floor of its bytes. */
  private void add(String name, double time, long bytes, double goal, double plus) {
    double floor = bytes * readMicrosecondsOfByte;
    findings.add(
        Finding.of(name, time, "us").atMost(goal * floor + plus).beside("its bytes", floor));
    peers
        .of(name)
        .ifPresent(theirs -> findings.add(Finding.of(name, time, "us").beside("torch", theirs)));
  }
}
