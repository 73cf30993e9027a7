package dev.varve.sdk.attention;

import dev.varve.attention.policy.SelectorPolicies;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.store.text.NearestName;
import dev.varve.store.text.PolicyCall;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How tokens of a stored context are chosen for some queries: a read policy that needs nothing but
 * the keys and the queries. Policies that learn from step to step, or that need the queries or the
 * ids of the context's own tokens, belong to sessions and are refused.
 *
 * @param policy chooses; its budget and window are counted in tokens of what is asked
 * @param index what its index depends on: two methods of the same text can share one
 */
public record TokenMethod(SelectorPolicy policy, String index) {

  private static final Set<String> STATELESS =
      Set.of("oracle", "quest", "specache", "tokenselect", "triforce");

  /** Options that say how much is read, and not what is known of the keys. */
  private static final Set<String> OF_READING = Set.of("init", "k", "local", "theta", "dense");

  /**
   * Reads the text form of a read policy, such as {@code quest(k=256,page=16)}.
   *
   * @throws IllegalArgumentException one sentence: what is wrong, the limit, the nearest known name
   */
  public static TokenMethod parse(String text) {
    PolicyCall call = PolicyCall.parse(text);
    SelectorPolicy policy = SelectorPolicies.parse(text);
    if (!STATELESS.contains(call.name())) {
      throw new IllegalArgumentException(
          "'%s' needs what only a session knows: choose %s"
              .formatted(call.name(), NearestName.suggest(call.name(), STATELESS)));
    }
    return new TokenMethod(policy, indexText(PolicyCall.parse(policy.text())));
  }

  private static String indexText(PolicyCall call) {
    Map<String, String> options = new LinkedHashMap<>(call.options());
    options.keySet().removeAll(OF_READING);
    return call.name() + options;
  }
}
