package dev.varve.cli.file;

import java.util.List;

/** Files of Python's pickle, alone or in the archive of {@code torch.save}. */
final class Pickles {

  static final String REFUSAL =
      "is a Python pickle, which can run any program when it is read, so it is not: save the"
          + " tensors as safetensors (safetensors.torch.save_file) or with numpy.savez";

  private static final int PROTOCOL = 0x80;
  private static final int NEWEST = 5;

  /** The first protocol has no magic, so names tell. */
  private static final List<String> ENDINGS = List.of(".pkl", ".pickle", ".pt", ".pth");

  private Pickles() {}

  static boolean recognises(ForeignFile file) {
    String name = String.valueOf(file.path().getFileName());
    boolean magic =
        file.size() >= 2
            && file.u8(0, "the magic") == PROTOCOL
            && file.u8(1, "the magic") >= 1
            && file.u8(1, "the magic") <= NEWEST;
    return magic || ENDINGS.stream().anyMatch(name::endsWith);
  }
}
