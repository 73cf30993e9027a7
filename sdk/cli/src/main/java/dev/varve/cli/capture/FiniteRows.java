package dev.varve.cli.capture;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.QueryPlace;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Looks at every number of a file, for policies rank nothing that is none.
 *
 * @param path named in the sentence
 * @param description what the file holds
 */
record FiniteRows(Path path, KvDescription description) {

  /** Refuses keys or values, {@code [heads][tokens][dim]}, that hold what is no finite number. */
  void check(int layer, Section section, MemorySegment rows) {
    Dtype dtype = description.shape().dtype();
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, dtype);
    int dim = description.dim(layer, section);
    float[] row = new float[dim];
    long count = rows.byteSize() / ((long) dim * dtype.bytes());
    for (long at = 0; at < count; at++) {
      kernel.load(rows, at * dim * dtype.bytes(), row, 0, dim);
      check(row, 0, dim, layer, section.name().toLowerCase(Locale.ROOT), at, description.tokens());
    }
  }

  /** Refuses queries that hold what is no finite number. */
  void check(int layer, QueryPlace place, float[] queries) {
    for (int row = 0; row < place.heads() * place.count(); row++) {
      check(queries, row * place.dim(), place.dim(), layer, "queries", row, place.count());
    }
  }

  private void check(
      float[] values, int at, int dim, int layer, String what, long row, int tokens) {
    for (int i = 0; i < dim; i++) {
      if (!Float.isFinite(values[at + i])) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            "%s: the %s of layer %d hold %s in head %d, row %d, element %d: needed are finite numbers"
                .formatted(path, what, layer, values[at + i], row / tokens, row % tokens, i));
      }
    }
  }
}
