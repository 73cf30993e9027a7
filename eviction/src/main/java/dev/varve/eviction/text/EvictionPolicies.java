package dev.varve.eviction.text;

import dev.varve.eviction.EvictionPolicy;
import dev.varve.store.text.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads policies such as {@code snapkv(budget=256,window=32,kernel=7,pool=max)}. {@code
 * docs/policy.md} has the grammar and every name.
 */
public final class EvictionPolicies {
  private static final Map<String, Method> KNOWN = known();
  private static final String BUDGET = "budget";

  private EvictionPolicies() {}

  /**
   * The policy that {@code text} describes. Reads files that the text names.
   *
   * @throws IllegalArgumentException one sentence: what is wrong, the limit, the nearest known name
   */
  public static EvictionPolicy parse(String text) {
    List<PolicyText.Call> calls = PolicyText.parse(text);
    PolicyDraft draft = new PolicyDraft();
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      Method method = method(calls.get(i).name(), i == 0);
      Options options = new Options(calls.get(i), method.options());
      method.build().accept(options, draft);
      if (calls.get(i).options().containsKey(Method.PARK)) {
        draft.parks(options.flag(Method.PARK, false));
      }
      parts.add(options.fullText());
    }
    return draft.finish(String.join("+", parts));
  }

  /**
   * Whether the method of {@code text} takes a budget, and {@code text} gives none.
   *
   * @throws IllegalArgumentException if there is no such method
   */
  public static boolean lacksBudget(String text) {
    PolicyText.Call call = PolicyText.parse(text).getFirst();
    return method(call.name(), true).options().contains(BUDGET)
        && !call.options().containsKey(BUDGET);
  }

  /**
   * {@code text} with a budget, which it {@linkplain #lacksBudget lacks}: a share of all tokens.
   */
  public static String withBudget(String text, double share) {
    String plain = text.strip();
    int name = PolicyText.parse(plain).getFirst().name().length();
    String rest = plain.substring(name).stripLeading();
    String option = BUDGET + "=" + share;
    if (!rest.startsWith("(")) {
      return plain.substring(0, name) + "(" + option + ")" + rest;
    }
    String options = rest.substring(1).stripLeading();
    String comma = options.startsWith(")") ? "" : ",";
    return plain.substring(0, name) + "(" + option + comma + options;
  }

  /** Names of all methods, in the order of the documentation. */
  public static List<String> methods() {
    return names(true);
  }

  /** Names of all wrappers. */
  public static List<String> wrappers() {
    return names(false);
  }

  private static Method method(String name, boolean first) {
    Method method = KNOWN.get(name);
    if (method == null) {
      throw new IllegalArgumentException(
          "there is no policy '%s'; did you mean '%s'? There are %s"
              .formatted(
                  name, NearestName.of(name, names(first)), String.join(", ", names(first))));
    }
    if (method.first() != first) {
      throw new IllegalArgumentException(
          method.first()
              ? "'%s' is a method and stands first; after a '+' stand %s"
                  .formatted(name, String.join(", ", wrappers()))
              : "'%s' changes a method and cannot stand first: write METHOD(...)+%s"
                  .formatted(name, name));
    }
    return method;
  }

  private static List<String> names(boolean first) {
    return KNOWN.values().stream()
        .filter(method -> method.first() == first)
        .map(Method::name)
        .toList();
  }

  private static Map<String, Method> known() {
    Map<String, Method> known = new LinkedHashMap<>();
    Stream.of(
            WindowMethods.all(),
            AttentionMethods.all(),
            HeadMethods.all(),
            ContentMethods.all(),
            PositionMethods.all(),
            Wrappers.all())
        .flatMap(List::stream)
        .forEach(method -> known.put(method.name(), method));
    return known;
  }
}
