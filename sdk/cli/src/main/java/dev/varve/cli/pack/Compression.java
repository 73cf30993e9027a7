package dev.varve.cli.pack;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.Origin;
import dev.varve.compression.Codecs;
import dev.varve.compression.Encodings;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.container.Existing;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/** Compresses one source as a request asks for it. For one thread. */
public final class Compression {

  private static final int MOST_TRIES = 4;

  private final KvSource source;
  private final PackOptions options;
  private final PackRequest request;
  private final Origin origin;
  private final LongConsumer progress;
  private final IntConsumer layersMeasured;

  /**
   * A compression.
   *
   * @param progress hears how many bytes of keys and values are written
   * @param layersMeasured hears of how many layers the encodings are measured
   */
  public Compression(
      KvSource source,
      PackOptions options,
      PackRequest request,
      Origin origin,
      LongConsumer progress,
      IntConsumer layersMeasured) {
    this.source = source;
    this.options = options;
    this.request = request;
    this.origin = origin;
    this.progress = progress;
    this.layersMeasured = layersMeasured;
  }

  /** Writes {@code target}. */
  public Packed write(Path target, Existing existing) throws IOException, InterruptedException {
    ModelShape shape = source.description().shape();
    if (!request.searched()) {
      List<Encoding> plan =
          Dependences.grounded(
              request.protection().apply(request.codecs(), shape, options.blockTokens()), shape);
      check(plan);
      return pack(plan, target, existing);
    }
    PlanSearch search = new PlanSearch(source, options, request.protection());
    search.measure(layersMeasured);
    return reach(search, target, existing);
  }

  private void check(List<Encoding> plan) {
    for (int layer = 0; layer < plan.size(); layer++) {
      Optional<String> lacking =
          options.tables().lacking(plan.get(layer), layer, source.description());
      if (lacking.isPresent()) {
        throw new CommandFailure(ExitCode.USAGE, origin.name() + ": " + lacking.get());
      }
      checkRows(layer, plan.get(layer));
    }
  }

  /** Refuses an encoding that cannot write rows of this layer's width. */
  private void checkRows(int layer, Encoding encoding) {
    ModelShape shape = source.description().shape();
    LayerShape of = shape.layers().get(layer);
    if (Codecs.dependent(encoding)) {
      return; // opened with the layer before it
    }
    LayerTables tables =
        Codecs.tables(encoding).isEmpty() ? LayerTables.NONE : options.tables().of(layer);
    BlockGeometry geometry = BlockGeometry.of(of, shape.dtype(), options.blockTokens());
    try {
      Codecs.open(encoding, geometry, of.rope(), tables, options.backend());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "%s: layer %d cannot be written as %s: %s"
              .formatted(origin.name(), layer, Encodings.name(encoding), e.getMessage()),
          e);
    }
  }

  private Packed pack(List<Encoding> plan, Path target, Existing existing)
      throws IOException, InterruptedException {
    return new Packer(source, plan, options, origin).write(target, existing, progress);
  }

  /**
   * Writes beside the target until the file is small enough and no layer errs by too much, as what
   * was measured on a sample may be too good.
   */
  private Packed reach(PlanSearch search, Path target, Existing existing)
      throws IOException, InterruptedException {
    double ratio = request.targetRatio().orElse(0);
    double limit = request.maxError().orElse(Double.POSITIVE_INFINITY);
    long most = ratio > 0 ? (long) (source.layout().fileBytes() / ratio) : Long.MAX_VALUE;
    long overhead = source.layout().opaqueBytes();
    Path trial = target.resolveSibling("." + target.getFileName() + ".trial.partial");
    try {
      for (int i = 0; i < MOST_TRIES; i++) {
        Optional<PlanSearch.Found> found = search.within(most, overhead, limit);
        if (found.isEmpty() && i > 0) {
          break;
        }
        List<Encoding> plan = found.orElseGet(() -> search.smallest(limit)).encodings();
        Packed packed = pack(plan, trial, Existing.REPLACE);
        long size = Files.size(trial);
        overhead = size - search.bytes(plan);
        boolean bound = search.correct(packed.layers(), limit, i >= MOST_TRIES / 2);
        if (size <= most && bound) {
          put(trial, target, existing);
          return packed;
        }
      }
      throw unreachable(search, overhead, ratio, limit, target);
    } finally {
      Files.deleteIfExists(trial);
    }
  }

  private static void put(Path trial, Path target, Existing existing) throws IOException {
    if (existing == Existing.REFUSE && Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.move(trial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private CommandFailure unreachable(
      PlanSearch search, long overhead, double ratio, double limit, Path target) {
    PlanSearch.Found smallest = search.smallest(limit);
    double best = (double) source.layout().fileBytes() / (smallest.bytes() + overhead);
    return new CommandFailure(
        ExitCode.NO,
        String.format(
            Locale.ROOT,
            "%s: a ratio of %s cannot be reached%s: the best is about %.2f, with an error of %.3f"
                + " (%,d of %,d bytes are neither keys nor values)%s",
            target,
            ratio,
            limit < Double.POSITIVE_INFINITY ? " within an error of " + limit : "",
            best,
            smallest.error(),
            source.layout().opaqueBytes(),
            source.layout().fileBytes(),
            request.protection().layers() > 0 ? "; --protect-layers 0 spares no layer" : ""));
  }
}
