package dev.varve.cli.select;

import dev.varve.attention.file.IndexFile;
import dev.varve.attention.file.IndexIdentity;
import dev.varve.attention.index.DamagedIndexException;
import dev.varve.attention.index.IndexInput;
import dev.varve.attention.index.IndexOutput;
import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.PrefixLayer;
import dev.varve.attention.index.StoredIndex;
import dev.varve.attention.index.TokenIndex;
import dev.varve.attention.policy.PrefixPolicy;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.cli.capture.StoredRun;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Indices of a capture's keys: made from them, written, and read again. */
public final class IndexBuild {
  private final StoredRun capture;
  private final SelectorPolicy policy;
  private final Backend backend;
  private final int[] tokenIds;

  /** Indices of {@code capture} for {@code policy}. */
  public IndexBuild(StoredRun capture, SelectorPolicy policy, Backend backend) {
    this.capture = capture;
    this.policy = policy;
    this.backend = backend;
    this.tokenIds = capture.tokenIds();
  }

  /** Indices of all layers, without keys but where the policy builds them ahead. */
  List<TokenIndex> open() {
    if (policy instanceof PrefixPolicy ahead) {
      return List.copyOf(ahead.build(capture.shape(), prefixLayers(ahead), backend));
    }
    return empty();
  }

  private List<TokenIndex> empty() {
    List<TokenIndex> indices = new ArrayList<>();
    for (int layer = 0; layer < capture.layers(); layer++) {
      indices.add(policy.index(capture.shape(), backend));
    }
    return indices;
  }

  private List<PrefixLayer> prefixLayers(PrefixPolicy ahead) {
    int tokens = prefixTokens(ahead);
    int observed = Math.min(ahead.observe(), tokens - capture.queryFirst());
    if (observed < 1) {
      throw new IllegalArgumentException(
          ("squeezed observes the queries of the last tokens of its prefix of %d, but the capture"
                  + " keeps queries from position %d on")
              .formatted(tokens, capture.queryFirst()));
    }
    int heads = capture.shape().queryHeads() * capture.shape().keyDim();
    List<PrefixLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < capture.layers(); layer++) {
      float[] queries = new float[observed * heads];
      float[] step = new float[heads];
      for (int i = 0; i < observed; i++) {
        capture.queries(layer, tokens - observed + i - capture.queryFirst(), step);
        System.arraycopy(step, 0, queries, i * heads, heads);
      }
      layers.add(new PrefixLayer(keys(layer).slice(0, tokens), queries, observed));
    }
    return layers;
  }

  /**
   * By default the observed window is the first stored queries, so that no key is clustered that a
   * stored query does not see.
   */
  private int prefixTokens(PrefixPolicy ahead) {
    if (ahead.prefix() > capture.tokens()) {
      throw new IllegalArgumentException(
          "squeezed: the prefix has %d tokens, the capture %d"
              .formatted(ahead.prefix(), capture.tokens()));
    }
    return ahead.prefix() > 0
        ? ahead.prefix()
        : capture.queryFirst() + Math.min(ahead.observe(), capture.queryTokens());
  }

  KeySpan keys(int layer) {
    return KeySpan.dense(
        capture.keys(layer),
        capture.dtype(),
        capture.shape().kvHeads(),
        capture.tokens(),
        capture.shape().keyDim());
  }

  /** Ids of the tokens {@code [from, to)}, or nothing if the capture has none. */
  int[] ids(int from, int to) {
    return tokenIds.length == 0 ? tokenIds : Arrays.copyOfRange(tokenIds, from, to);
  }

  /**
   * The indices of the first tokens as a file.
   *
   * @param tokens how many, for policies that do not say so themselves
   * @throws IllegalArgumentException if the policy has no index that outlives a process
   */
  public IndexFile build(int tokens) {
    List<byte[]> layers = new ArrayList<>();
    List<TokenIndex> indices = open();
    for (int layer = 0; layer < indices.size(); layer++) {
      if (!(indices.get(layer) instanceof StoredIndex index) || !index.storable()) {
        throw new IllegalArgumentException(
            "'" + policy.text() + "' reads the keys themselves: there is no index to store");
      }
      if (!(policy instanceof PrefixPolicy)) {
        index.append(keys(layer).slice(0, tokens), ids(0, tokens));
      }
      IndexOutput out = new IndexOutput();
      index.write(out);
      layers.add(out.toBytes());
    }
    int covered = policy instanceof PrefixPolicy ahead ? prefixTokens(ahead) : tokens;
    int heads = capture.shape().kvHeads();
    return new IndexFile(identity(covered), policy.text(), heads, capture.shape().keyDim(), layers);
  }

  private IndexIdentity identity(int tokens) {
    if (tokenIds.length == 0 || capture.modelIdentity().isEmpty()) {
      throw new IllegalArgumentException(
          "the capture has no token ids or no model_identity: its index could not be told from"
              + " that of another prefix");
    }
    return IndexIdentity.of(capture.modelIdentity(), tokenIds, tokens);
  }

  /**
   * Restores indices from a file.
   *
   * @throws DamagedIndexException if they are damaged, or of another model or prefix
   */
  List<TokenIndex> restore(IndexFile file) {
    int tokens = Math.min(file.identity().tokens(), capture.tokens());
    file.identity().require(identity(tokens));
    if (file.layers().size() != capture.layers()
        || file.kvHeads() != capture.shape().kvHeads()
        || file.keyDim() != capture.shape().keyDim()) {
      throw new DamagedIndexException(
          "the index has %d layers of %d KV heads of %d, the capture %d of %d of %d"
              .formatted(
                  file.layers().size(),
                  file.kvHeads(),
                  file.keyDim(),
                  capture.layers(),
                  capture.shape().kvHeads(),
                  capture.shape().keyDim()));
    }
    List<TokenIndex> indices = empty();
    for (int layer = 0; layer < indices.size(); layer++) {
      if (indices.get(layer) instanceof StoredIndex index && index.storable()) {
        IndexInput in = new IndexInput(file.layers().get(layer));
        index.restore(in);
        in.finish();
        if (index.appended() > tokens) {
          throw new DamagedIndexException(
              "the index is damaged: it holds %d tokens of a prefix of %d"
                  .formatted(index.appended(), tokens));
        }
      }
    }
    return indices;
  }
}
