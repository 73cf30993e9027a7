package dev.varve.cli.pack;

import dev.varve.cli.file.Extent;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.QueryPlace;
import dev.varve.compression.error.Queries;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.util.Optional;

/** The newest stored queries of a layer, as many as are worth computing with. */
final class NewestQueries {

  private static final int MOST = 16;

  private NewestQueries() {}

  /** Queries with positions counted in the sample; none if the file holds none of this shape. */
  static Optional<Queries> of(KvSource source, int layer, Sample sample, int blockTokens)
      throws IOException {
    LayerShape shape = source.description().shape().layers().get(layer);
    Optional<QueryPlace> found =
        source.layout().queries().stream().filter(place -> place.layer() == layer).findFirst();
    if (found.isEmpty()
        || found.get().count() == 0
        || found.get().heads() != shape.queryHeads()
        || found.get().dim() != shape.keyDim()) {
      return Optional.empty();
    }
    QueryPlace place = found.get();
    int count = Math.min(MOST, place.count());
    int first = sample.place(place.first() + place.count() - count, blockTokens);
    if (first < 0) {
      return Optional.empty();
    }
    int each = count * place.dim();
    float[] values = new float[place.heads() * each];
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, place.dtype());
    long row = (long) place.dim() * place.dtype().bytes();
    for (int head = 0; head < place.heads(); head++) {
      long at = place.offset() + ((long) head * place.count() + place.count() - count) * row;
      kernel.load(source.opaque(new Extent(at, count * row)), 0, values, head * each, each);
    }
    return Optional.of(new Queries(shape, count, first, values));
  }
}
