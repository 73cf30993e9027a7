package dev.varve.store.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The files of kernels that are shipped: CUDA C++ beside the PTX made of it. */
enum KernelFile {
  ATTENTION,
  GATHER,
  QUANTIZE,
  RANS,
  SCORES,
  TOPK;

  /** What runs from compute capability 8.0 on. */
  String ptxName() {
    return name().toLowerCase(Locale.ROOT) + ".sm80.ptx";
  }

  /** The text of the PTX. */
  byte[] ptx() {
    try (InputStream in = KernelFile.class.getResourceAsStream(ptxName())) {
      if (in == null) {
        throw new IllegalStateException("the resource " + ptxName() + " is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the resource " + ptxName() + " cannot be read", e);
    }
  }
}
