package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A file of LMCache's multi-process {@code fs} adapter: elements {@code
 * [2][layers][tokens][channels]} and nothing else. Known by its name, {@code
 * MODEL@RANK@GROUP@HASH[@SALT].data}; shape and type come from the caller.
 */
final class LmcacheKind implements FileKind {

  static final String NAME = "lmcache";
  private static final Pattern FILE_NAME =
      Pattern.compile(
          "[^@]+@(0x)?[0-9a-f]{8}(@[0-9a-f]{1,8})?@[0-9a-f]{16,64}(@[^@]{1,128})?\\.data");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(ForeignFile file) {
    return FILE_NAME.matcher(String.valueOf(file.path().getFileName())).matches();
  }

  @Override
  public KvSource open(ForeignFile file, KindOptions options, Arena arena) {
    ShapeHints shape = options.shape();
    if (shape.layers().isEmpty()
        || shape.heads().isEmpty()
        || shape.dim().isEmpty()
        || shape.dtype().isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          file.path()
              + ": a file of kind lmcache does not say its shape: give --shape"
              + " layers=N,heads=N,dim=N,dtype=TYPE");
    }
    Dtype dtype = shape.dtype().get();
    long layers = shape.layers().getAsInt();
    long channels = (long) shape.heads().getAsInt() * shape.dim().getAsInt();
    long token = 2 * layers * channels * dtype.bytes();
    if (file.size() % token != 0) {
      throw file.refused(
          "%d bytes are no whole number of tokens of %d bytes: --shape is of another model"
              .formatted(file.size(), token));
    }
    List<Long> dimensions = List.of(2L, layers, file.size() / token, channels);
    Extent elements = new Extent(0, file.size());
    return StackedTensor.open(
        file, new AxisOrder("kltc"), dimensions, dtype, options, elements, arena, NAME);
  }

  @Override
  public NewFile plan(KvDescription description, KindOptions options) {
    LayerShape first = Alike.layers(description, NAME);
    return new NewFile(StackedTensor.places(description, first, 0, NAME), Map.of());
  }
}
