package dev.varve.sidecar.status;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.observe.Lookups;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.observe.Sizes;
import dev.varve.sidecar.resp.Argument;
import dev.varve.store.object.ObjectSpace;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Counts requests by model and tenant, and the prefixes that come most often. Thread-safe. */
public final class TrafficTable implements RequestWatch {

  private static final int MODELS = 64;
  private static final int TENANTS = 64;
  private static final int PREFIXES = 128;

  private final TenantNames tenantNames;
  private final BiConsumer<Pair, Traffic> appeared;
  private final BoundedNames models = new BoundedNames(MODELS);
  private final BoundedNames tenants = new BoundedNames(TENANTS);
  private final Map<Pair, Traffic> traffic = new ConcurrentHashMap<>();
  private final HeavyHitters prefixes = new HeavyHitters(PREFIXES);

  /**
   * What is counted apart.
   *
   * @param model empty where keys name none
   */
  public record Pair(String model, String tenant) {}

  /**
   * @param tenantNames what tenants are called
   * @param appeared told once of each pair that is counted apart
   */
  public TrafficTable(TenantNames tenantNames, BiConsumer<Pair, Traffic> appeared) {
    this.tenantNames = tenantNames;
    this.appeared = appeared;
  }

  @Override
  public void ran(Observed observed) {
    KeyFamily family = family(observed);
    String tenant = observed.user().map(User::tenant).map(tenantNames::name).orElse("nobody");
    Lookups lookups = Lookups.of(observed);
    long in = Sizes.in(observed.request());
    long out = Sizes.out(observed.reply());
    Traffic counts = of(new Pair(models.label(family.model()), tenants.label(tenant)));
    counts.requests.increment();
    counts.hits.add(lookups.hits());
    counts.misses.add(lookups.misses());
    counts.bytesIn.add(in);
    counts.bytesOut.add(out);
    if (observed.firstKey() > 0) {
      prefixes.add(family.prefix(), lookups.hits() > 0, in + out);
    }
  }

  private Traffic of(Pair pair) {
    Traffic known = traffic.get(pair);
    return known != null ? known : traffic.computeIfAbsent(pair, this::begin);
  }

  private Traffic begin(Pair pair) {
    Traffic counts = new Traffic();
    appeared.accept(pair, counts);
    return counts;
  }

  private static KeyFamily family(Observed observed) {
    int at = observed.firstKey();
    if (at <= 0 || at >= observed.request().size()) {
      return KeyFamily.NONE;
    }
    Argument key = observed.request().argument(at);
    return key.length() > ObjectSpace.MAX_NAME_BYTES ? KeyFamily.NONE : KeyFamily.of(key.toBytes());
  }

  /** What there is, busiest first. */
  public List<Traffic.Counts> counts() {
    return traffic.entrySet().stream()
        .map(entry -> entry.getValue().counts(entry.getKey().model(), entry.getKey().tenant()))
        .sorted(Comparator.comparingLong(Traffic.Counts::requests).reversed())
        .toList();
  }

  /** The prefixes that come most often. */
  public List<HeavyHitters.Hitter> prefixes(int most) {
    return prefixes.top(most);
  }
}
