package dev.varve.sdk.reading;

import dev.varve.attention.policy.PrefixPolicy;
import dev.varve.attention.policy.SelectorPolicies;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.store.Digest256;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Has a session forget nothing and read little: at each step an index of the keys says which tokens
 * of a layer are read, and only their blocks are brought near. A value; any number of sessions may
 * have it.
 *
 * @param policy chooses the tokens
 * @param deadline what happens to rows that are not hot
 * @param prompts whether steps of more than one token choose too, one set for all of their queries;
 *     if not, prompts are computed exactly and only decoding reads little
 */
public record SelectiveReading(SelectorPolicy policy, Deadline deadline, boolean prompts) {

  /**
   * Reads as a policy in its one-line form says, such as {@code
   * tokenselect(init=16,k=128,local=64)}; waits for rows, computes prompts exactly.
   *
   * @throws IllegalArgumentException one sentence: what is wrong, the limit, the nearest known name
   */
  public static SelectiveReading parse(String text) {
    return of(SelectorPolicies.parse(text));
  }

  /** Reads as {@code policy} says. */
  public static SelectiveReading of(SelectorPolicy policy) {
    return new SelectiveReading(policy, Deadline.WAIT, false);
  }

  /** The same with another deadline. */
  public SelectiveReading within(Deadline other) {
    return new SelectiveReading(policy, other, prompts);
  }

  /** The same, but steps of more than one token read little too. */
  public SelectiveReading inPrompts() {
    return new SelectiveReading(policy, deadline, true);
  }

  /** Newest queries that a session must remember until its index is built; 0 for none. */
  public int queries() {
    return policy instanceof PrefixPolicy prefix ? prefix.observe() : 0;
  }

  /** Whether the policy chooses at {@code layer}: where a window cuts, the window is read. */
  public boolean covers(ModelShape shape, int layer) {
    boolean whole = shape.layers().get(layer).window() == 0;
    return whole && (shape.owns(layer) || !(policy instanceof PrefixPolicy));
  }

  /** Why no session of a model like this can read so, as a sentence; empty if it can. */
  public Optional<String> refusal(ModelShape shape) {
    if (policy instanceof PrefixPolicy prefix && prefix.prefix() > 0) {
      return Optional.of(
          "a session's prefix ends where its prompt does: leave prefix=%d out of %s"
              .formatted(prefix.prefix(), policy.text()));
    }
    Optional<LayerShape> first = Optional.empty();
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      if (covers(shape, layer)) {
        LayerShape of = shape.layers().get(layer);
        if (policy instanceof PrefixPolicy && !alike(first.orElse(of), of)) {
          return Optional.of(
              "%s cannot be used by a session: one threshold serves all layers, and layer %d of this model has heads of another shape"
                  .formatted(policy.text(), layer));
        }
        first = first.or(() -> Optional.of(of));
      }
    }
    return first.isPresent()
        ? Optional.empty()
        : Optional.of(
            policy.text() + " has nothing to choose from: every layer of this model has a window");
  }

  private static boolean alike(LayerShape one, LayerShape other) {
    return one.queryHeads() == other.queryHeads()
        && one.kvHeads() == other.kvHeads()
        && one.keyDim() == other.keyDim()
        && one.scale() == other.scale()
        && one.logitSoftCap() == other.logitSoftCap();
  }

  /**
   * Tells apart what was computed by different ways of reading: equal for equal values, never 0.
   */
  public long code() {
    MessageDigest digest = Digest256.sha256();
    digest.update(("varve reading " + this).getBytes(StandardCharsets.UTF_8));
    return Digest256.finish(digest).first() | 1;
  }

  @Override
  public String toString() {
    return policy.text() + " deadline=" + deadline + (prompts ? " prompts=true" : "");
  }
}
