package dev.varve.eviction.observe;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a method must see. Keys are always there.
 *
 * @param queries newest queries, 0 for none, {@link #ALL_QUERIES} for those of every token
 * @param signals what the engine must add
 */
public record Needs(int queries, Set<Signal> signals) {

  /** The queries of every token. */
  public static final int ALL_QUERIES = Integer.MAX_VALUE;

  public Needs {
    signals = Set.copyOf(signals);
  }

  /** Keys and values only. */
  public static Needs nothing() {
    return new Needs(0, Set.of());
  }

  /** The newest {@code queries}. */
  public static Needs queries(int queries) {
    return new Needs(queries, Set.of());
  }

  /** A signal that the engine gives. */
  public static Needs signal(Signal signal) {
    return new Needs(0, Set.of(signal));
  }

  /** Both. */
  public Needs and(Needs other) {
    EnumSet<Signal> both = EnumSet.noneOf(Signal.class);
    both.addAll(signals);
    both.addAll(other.signals);
    return new Needs(Math.max(queries, other.queries), both);
  }

  /** Why {@code observation} does not do, as the end of a sentence; empty if it does. */
  public Optional<String> missingFrom(Observation observation) {
    for (Signal signal : signals) {
      if (!observation.given().containsKey(signal)) {
        return Optional.of("it needs " + signal.words() + ", which is not there");
      }
    }
    int tokens = observation.tokens();
    int there = observation.queries().count();
    if (queries != ALL_QUERIES && queries > tokens) {
      return Optional.of(
          "it looks back through a window of %d queries, longer than the %d tokens"
              .formatted(queries, tokens));
    }
    int wanted = Math.min(queries, tokens);
    if (there < wanted) {
      return Optional.of(
          "it needs the queries of the last %d of %d tokens, there are %d"
              .formatted(wanted, tokens, there));
    }
    return Optional.empty();
  }
}
