package dev.varve.attention.policy;

import dev.varve.store.text.CallOptions;
import dev.varve.store.text.NearestName;
import dev.varve.store.text.PolicyCall;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The policies by name. */
public final class SelectorPolicies {
  private static final Map<String, Function<CallOptions, SelectorPolicy>> BY_NAME =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("actqkv", PagePolicies::actQkv),
              Map.entry("hip", TokenPolicies::hierarchical),
              Map.entry("oracle", TokenPolicies::oracle),
              Map.entry("quest", PagePolicies::quest),
              Map.entry("recycled", TokenPolicies::recycled),
              Map.entry("sentencekv", PagePolicies::sentences),
              Map.entry("squeezed", PrefixPolicy::squeezed),
              Map.entry("specache", TokenPolicies::speCache),
              Map.entry("sticky", PagePolicies::sticky),
              Map.entry("tokenselect", TokenPolicies::tokenSelect),
              Map.entry("triforce", PagePolicies::triForce)));

  private SelectorPolicies() {}

  /** All names, in alphabetical order. */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }

  /**
   * Reads the text form of a policy.
   *
   * @throws IllegalArgumentException if it is none, or an option is unknown or out of range
   */
  public static SelectorPolicy parse(String text) {
    PolicyCall call = PolicyCall.parse(text);
    Function<CallOptions, SelectorPolicy> reader = BY_NAME.get(call.name());
    if (reader == null) {
      throw new IllegalArgumentException(
          "there is no read policy '%s': %s"
              .formatted(call.name(), NearestName.suggest(call.name(), BY_NAME.keySet())));
    }
    CallOptions options = new CallOptions(call);
    SelectorPolicy policy = reader.apply(options);
    options.finish();
    return policy;
  }
}
