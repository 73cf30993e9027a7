package dev.varve.store.ssd;

import dev.varve.store.Checks;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a restart finds after a loss of power. A process that dies alone loses nothing at any level.
 * Whatever the level, segment data are on the disk before the index names them.
 */
public sealed interface Durability {

  /** Every put is on the disk before it returns. */
  record Sync() implements Durability {
    @Override
    public String toString() {
      return "sync";
    }
  }

  /**
   * A put is on the disk at the latest so much later, if {@link SsdTier#work} is called as often.
   *
   * @param millis most milliseconds between a put and its sync, at least 1
   */
  record Batched(int millis) implements Durability {
    public Batched {
      Checks.positive(millis, "milliseconds of batched durability");
    }

    @Override
    public String toString() {
      return "batched(" + millis + ")";
    }
  }

  /**
   * Nothing is promised; {@link SsdTier#sync}, {@link SsdTier#close} and a bound on memory sync.
   */
  record None() implements Durability {
    @Override
    public String toString() {
      return "none";
    }
  }

  /** The level unless configured otherwise. */
  Durability DEFAULT = new Batched(100);

  /** Reads {@code sync}, {@code batched(MILLISECONDS)}, {@code batched} or {@code none}. */
  static Durability parse(String text) {
    String form = text.strip().toLowerCase(Locale.ROOT);
    Matcher batched = Pattern.compile("batched\\((\\d{1,9})\\)").matcher(form);
    if (batched.matches()) {
      return new Batched(Integer.parseInt(batched.group(1)));
    }
    return switch (form) {
      case "sync" -> new Sync();
      case "batched" -> DEFAULT;
      case "none" -> new None();
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is no durability: write sync, batched(MILLISECONDS) or none");
    };
  }
}
