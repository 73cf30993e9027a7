package dev.varve.sidecar.status;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Now and then one line of the log: what happened since the line before. For one thread. */
public final class Summary {

  private static final Logger LOG = LoggerFactory.getLogger(Summary.class);

  private final Sampler sampler;
  private @Nullable Sample before;

  public Summary(Sampler sampler) {
    this.sampler = sampler;
  }

  /** Logs it, unless there was no request since the last time. */
  public void log() {
    next().ifPresent(line -> LOG.info("{}", line));
  }

  /** The line; empty where nothing happened. */
  Optional<String> next() {
    List<Sample> kept = sampler.after(-1);
    Optional<StoreState> store = sampler.latest();
    if (kept.isEmpty() || store.isEmpty()) {
      return Optional.empty();
    }
    Sample now = kept.getLast();
    Sample from = before == null ? kept.getFirst() : before;
    if (now.commands() == from.commands()) {
      return Optional.empty();
    }
    before = now;
    return Optional.of(line(from, now, store.get()));
  }

  private static String line(Sample from, Sample now, StoreState store) {
    double seconds = Math.max(0.001, (now.millis() - from.millis()) / 1000.0);
    long hits = now.hits() - from.hits();
    long lookups = hits + now.misses() - from.misses();
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%.0f s: %.0f requests/s, hits %s, in %.1f MiB/s, out %.1f MiB/s | values %d,"
                    + " %.1f MiB, stored %d, displaced %d, expired %d",
                seconds,
                (now.commands() - from.commands()) / seconds,
                lookups == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * hits / lookups),
                mebibytes(now.bytesIn() - from.bytesIn()) / seconds,
                mebibytes(now.bytesOut() - from.bytesOut()) / seconds,
                store.objects().count(),
                mebibytes(store.objects().bytes()),
                now.stored() - from.stored(),
                now.displaced() - from.displaced(),
                now.expired() - from.expired()));
    for (TierState tier : store.tiers()) {
      if (tier.usedBytes() > 0) {
        line.append(
            String.format(
                Locale.ROOT,
                " | %s %s %.1f of %.1f MiB (%.1f %%)",
                tier.model(),
                tier.tier(),
                mebibytes(tier.usedBytes()),
                mebibytes(tier.capacityBytes()),
                100.0 * tier.usedBytes() / Math.max(1, tier.capacityBytes())));
      }
    }
    return line.append(" | clients ").append(now.clients()).toString();
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }
}
