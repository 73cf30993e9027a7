package dev.varve.cli.run;

import dev.varve.engine.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Keeps the tokens of a generation and when they came. For one thread. */
public final class Timeline implements Generator.Listener {

  private static final double SECOND = 1e9;

  private final LongSupplier nanoTime;
  private final long started;
  private final Generator.Listener next;
  private final List<Integer> tokens = new ArrayList<>();
  private long prefilled;
  private long first;
  private long last;

  /**
   * Starts now.
   *
   * @param nanoTime a clock like {@link System#nanoTime}
   * @param next hears everything too
   */
  public Timeline(LongSupplier nanoTime, Generator.Listener next) {
    this.nanoTime = nanoTime;
    this.next = next;
    this.started = nanoTime.getAsLong();
    this.prefilled = started;
    this.first = started;
    this.last = started;
  }

  @Override
  public void prefilled(int done, int total) {
    prefilled = nanoTime.getAsLong();
    next.prefilled(done, total);
  }

  @Override
  public void token(int id) {
    last = nanoTime.getAsLong();
    if (tokens.isEmpty()) {
      first = last;
    }
    tokens.add(id);
    next.token(id);
  }

  /** The generated tokens. */
  public List<Integer> tokens() {
    return List.copyOf(tokens);
  }

  /** Seconds from the start to the end of the prompt. */
  public double prefillSeconds() {
    return (prefilled - started) / SECOND;
  }

  /** Seconds from the start to the first generated token; 0 if there was none. */
  public double firstTokenSeconds() {
    return (first - started) / SECOND;
  }

  /** Seconds from the first generated token to the last. */
  public double decodeSeconds() {
    return (last - first) / SECOND;
  }

  /** Generated tokens a second after the first; 0 where there are not two. */
  public double tokensPerSecond() {
    return tokens.size() < 2 ? 0 : (tokens.size() - 1) / decodeSeconds();
  }
}
