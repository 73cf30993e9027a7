package dev.varve.eviction.observe;

import dev.varve.store.LayerShape;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What can be seen of one layer when tokens are to be forgotten. Everything is borrowed and must
 * stay as it is until the plan is made.
 *
 * <p>All heads hold the same tokens. Heads that an earlier eviction left with different tokens are
 * observed one by one, each as a layer of a single KV head.
 *
 * @param layer index in the model
 * @param shape the layer
 * @param keys after RoPE, tokens in ascending order of position
 * @param values of the same tokens
 * @param queries the newest ones; the last belongs to the newest token
 * @param positions of the tokens, ascending
 * @param attention of the newest queries, where the engine gives it; else it is computed from
 *     queries and keys
 * @param given what the engine added: {@code [heads][tokens]} as {@link Signal} says
 */
public record Observation(
    int layer,
    LayerShape shape,
    KvRows keys,
    KvRows values,
    QueryRows queries,
    Positions positions,
    Optional<AttentionRows> attention,
    Map<Signal, float[][]> given) {

  public Observation {
    given = Map.copyOf(given);
    same("heads of keys", keys.heads(), shape.kvHeads());
    same("heads of values", values.heads(), shape.kvHeads());
    same("elements of a key", keys.dim(), shape.keyDim());
    same("elements of a value", values.dim(), shape.valueDim());
    same("tokens of the values", values.tokens(), keys.tokens());
    same("positions", positions.count(), keys.tokens());
    if (queries.count() > 0) {
      same("heads of queries", queries.heads(), shape.queryHeads());
      same("elements of a query", queries.dim(), shape.keyDim());
      same(
          "position of the last query",
          queries.first() + queries.count() - 1,
          positions.at(keys.tokens() - 1));
    }
    if (attention.isPresent()) {
      same("heads of attention", attention.get().heads(), shape.queryHeads());
      same("tokens of attention", attention.get().tokens(), keys.tokens());
    }
    given.forEach((signal, rows) -> check(signal, rows, keys.tokens()));
  }

  /** A prompt from position 0 on, with nothing from the engine beside. */
  public static Observation prompt(
      int layer, LayerShape shape, KvRows keys, KvRows values, QueryRows queries) {
    Positions positions = Positions.upTo(keys.tokens());
    return new Observation(
        layer, shape, keys, values, queries, positions, Optional.empty(), Map.of());
  }

  /** The same with a signal more. */
  public Observation with(Signal signal, float[][] rows) {
    Map<Signal, float[][]> more = new EnumMap<>(Signal.class);
    more.putAll(given);
    more.put(signal, rows);
    return new Observation(layer, shape, keys, values, queries, positions, attention, more);
  }

  /** The same with attention that the engine gives. */
  public Observation with(AttentionRows rows) {
    return new Observation(
        layer, shape, keys, values, queries, positions, Optional.of(rows), given);
  }

  /** Position of the newest token, which is that of the newest query. */
  public int newest() {
    return positions.at(keys.tokens() - 1);
  }

  /** Number of tokens. */
  public int tokens() {
    return keys.tokens();
  }

  /** A signal that {@link Needs} has asked for. */
  public float[][] signal(Signal signal) {
    float[][] rows = given.get(signal);
    if (rows == null) {
      throw new IllegalStateException(signal.words() + " are not there");
    }
    return rows;
  }

  /** Tokens that a query at {@code position} may see end before this one. */
  public int visibleEnd(int position) {
    return positions.countUpTo(position);
  }

  /** The first token that a query at {@code position} sees. */
  public int visibleStart(int position) {
    return positions.countUpTo(shape.firstVisible(position) - 1);
  }

  private static void same(String what, int is, int should) {
    if (is != should) {
      throw new IllegalArgumentException(what + " must be " + should + ": " + is);
    }
  }

  private static void check(Signal signal, float[][] rows, int tokens) {
    for (float[] row : rows) {
      same("tokens of " + signal.words(), row.length, tokens);
      for (int i = 0; i < tokens; i++) {
        if (!Float.isFinite(row[i])) {
          throw new IllegalArgumentException(
              "%s must be finite numbers: %s at token %d".formatted(signal.words(), row[i], i));
        }
      }
    }
  }
}
