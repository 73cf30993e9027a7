package dev.varve.eviction.observe;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a method must see. Keys and values are always there.
 *
 * @param queries newest queries, 0 for none
 * @param attention newest queries whose attention is looked at, {@link #ALL} for those of every
 *     token; rows that an engine gives do as well as queries
 * @param signals what the engine must add
 */
public record Needs(int queries, int attention, Set<Signal> signals) {

  /** The queries of every token. */
  public static final int ALL = Integer.MAX_VALUE;

  public Needs {
    signals = Set.copyOf(signals);
  }

  /** Keys and values only. */
  public static Needs nothing() {
    return new Needs(0, 0, Set.of());
  }

  /** The newest {@code queries} themselves. */
  public static Needs queries(int queries) {
    return new Needs(queries, 0, Set.of());
  }

  /** The attention of the newest {@code queries}. */
  public static Needs attention(int queries) {
    return new Needs(0, queries, Set.of());
  }

  /** A signal that the engine gives. */
  public static Needs signal(Signal signal) {
    return new Needs(0, 0, Set.of(signal));
  }

  /** Both. */
  public Needs and(Needs other) {
    EnumSet<Signal> both = EnumSet.noneOf(Signal.class);
    both.addAll(signals);
    both.addAll(other.signals);
    return new Needs(Math.max(queries, other.queries), Math.max(attention, other.attention), both);
  }

  /** How far back it looks: 0 for not at all, {@link #ALL} for everything. */
  public int window() {
    return Math.max(queries, attention);
  }

  /** Why {@code observation} does not do, as the end of a sentence; empty if it does. */
  public Optional<String> missingFrom(Observation observation) {
    for (Signal signal : signals) {
      if (!observation.given().containsKey(signal)) {
        return Optional.of("it needs " + signal.words() + ", which is not there");
      }
    }
    int tokens = observation.tokens();
    if (window() != ALL && window() > tokens) {
      return Optional.of(
          "it looks back through a window of %d queries, longer than the %d tokens"
              .formatted(window(), tokens));
    }
    if (window() == ALL && observation.given().containsKey(Signal.ATTENTION_SUMS)) {
      return Optional.empty();
    }
    int there = observation.queries().count();
    int rows = observation.attention().map(AttentionRows::count).orElse(0);
    return few(queries, tokens, there).or(() -> few(attention, tokens, Math.max(there, rows)));
  }

  private static Optional<String> few(int needed, int tokens, int there) {
    int wanted = Math.min(needed, tokens);
    return there >= wanted
        ? Optional.empty()
        : Optional.of(
            "it needs the queries of the last %d of %d tokens, there are %d"
                .formatted(wanted, tokens, there));
  }
}
