package dev.varve.sidecar.stream;

import dev.varve.offload.transfer.PrefillCost;
import dev.varve.store.Encoding;
import java.util.List;
import java.util.Optional;

/**
 * Costs of some chunks of a context, as a {@link LevelBook} knows them at each moment.
 *
 * @param book knows sizes and decoding times
 * @param names of the chunks, which tell their contents apart
 * @param levelList the least lossy first
 * @param firstToken position of the first chunk
 * @param chunkTokens tokens of each
 * @param prefill what the engine needs to compute them; empty if they may not be computed
 */
@SuppressWarnings("ArrayRecordComponent") // made for one stream, never compared
public record ChunkCosts(
    LevelBook book,
    long[] names,
    List<Encoding> levelList,
    long firstToken,
    int chunkTokens,
    Optional<PrefillCost> prefill)
    implements StreamCosts {

  @Override
  public int chunks() {
    return names.length;
  }

  @Override
  public int levels() {
    return levelList.size();
  }

  @Override
  public long bytes(int chunk, int level) {
    return book.bytes(names[chunk], levelList.get(level));
  }

  @Override
  public double decodeSeconds(int chunk, int level) {
    return book.decodeSeconds(levelList.get(level));
  }

  @Override
  public double recomputeSeconds(int chunk) {
    long from = firstToken + (long) chunk * chunkTokens;
    return prefill
        .map(cost -> cost.seconds(from, from + chunkTokens))
        .orElse(Double.POSITIVE_INFINITY);
  }
}
