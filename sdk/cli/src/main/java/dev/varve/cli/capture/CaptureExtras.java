package dev.varve.cli.capture;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.KvSource;
import dev.varve.eviction.observe.AttentionRows;
import dev.varve.store.StoreException;
import dev.varve.store.kernel.DtypeLayouts;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import dev.varve.store.safetensors.TensorType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a capture holds that no other kind of file does: its metadata, and attention. */
public final class CaptureExtras {
  private final SafetensorsFile file;
  private final int tokens;

  private CaptureExtras(SafetensorsFile file, int tokens) {
    this.file = file;
    this.tokens = tokens;
  }

  /**
   * Those of {@code path}, if it is a capture.
   *
   * @throws CommandFailure if it is another format of ours, or no file to read
   */
  static Optional<CaptureExtras> of(Path path, KvSource source, Arena arena) {
    Optional<SafetensorsFile> found = Optional.empty();
    if (source.layout().kind().equals(FileKinds.DEFAULT)) {
      found = safetensors(path, arena);
    }
    if (found.isEmpty()) {
      return Optional.empty();
    }
    SafetensorsFile file = found.get();
    String format = file.metadata().get("varve.format");
    if (format == null) {
      return Optional.empty();
    }
    if (!format.equals("capture")) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "%s: is no file of varve capture: its varve.format is '%s'".formatted(path, format));
    }
    return Optional.of(new CaptureExtras(file, source.description().tokens()));
  }

  /** A container keeps the layout of the file that it was made from. */
  private static Optional<SafetensorsFile> safetensors(Path path, Arena arena) {
    try {
      return Optional.of(SafetensorsFile.open(path, arena));
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  /** What the capture says about itself. */
  public Map<String, String> metadata() {
    return file.metadata();
  }

  /**
   * Attention of the newest queries of a layer, if an engine has added it.
   *
   * @throws CommandFailure if its rows have another length, or do not sum to 1
   */
  public Optional<AttentionRows> attention(int layer, int queryHeads) {
    String name = "layers." + layer + ".attention";
    Tensor tensor = file.tensors().get(name);
    if (tensor == null) {
      return Optional.empty();
    }
    List<Long> sizes = tensor.spec().shape();
    if (tensor.spec().type() != TensorType.F32
        || sizes.size() != 3
        || sizes.get(0) != queryHeads
        || sizes.get(1) > tokens
        || sizes.get(2) != tokens) {
      throw wrong(
          name,
          " is %s%s, needed is F32[%d, up to %d, %d]"
              .formatted(tensor.spec().type(), sizes, queryHeads, tokens, tokens));
    }
    float[] values = tensor.data().toArray(DtypeLayouts.FLOAT);
    try {
      return Optional.of(new AttentionRows(values, queryHeads, sizes.get(1).intValue(), tokens));
    } catch (IllegalArgumentException e) {
      throw wrong(name, ": " + e.getMessage());
    }
  }

  private CommandFailure wrong(String name, String what) {
    return new CommandFailure(
        ExitCode.ENVIRONMENT, "%s: tensor '%s'%s".formatted(file.path(), name, what));
  }
}
