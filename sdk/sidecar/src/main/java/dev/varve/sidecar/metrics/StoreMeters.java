package dev.varve.sidecar.metrics;

import dev.varve.sidecar.status.BoundedNames;
import dev.varve.sidecar.status.Sampler;
import dev.varve.sidecar.status.StoreState;
import dev.varve.sidecar.status.TenantState;
import dev.varve.sidecar.status.TierState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** The store's part of the metrics. Tiers and tenants appear once they were seen. Thread-safe. */
public final class StoreMeters {

  private static final int TENANTS = 64;

  private final MeterRegistry registry;
  private final Sampler sampler;
  private final BoundedNames tenants = new BoundedNames(TENANTS);
  private final Set<Tags> known = new HashSet<>();

  StoreMeters(MeterRegistry registry, Sampler sampler) {
    this.registry = registry;
    this.sampler = sampler;
    ofStore();
  }

  private void ofStore() {
    gauge("varve.objects", "Values now.", Tags.empty(), state -> state.objects().count());
    gauge("varve.object.bytes", "Their bytes.", Tags.empty(), state -> state.objects().bytes());
    count("varve.objects.stored", "Values written.", state -> state.objects().stored());
    count("varve.objects.deleted", "Values deleted.", state -> state.objects().deleted());
    count(
        "varve.objects.expired",
        "Values whose time had passed.",
        state -> state.objects().expired());
    count(
        "varve.objects.displaced",
        "Values that left because others needed the room.",
        state -> state.objects().displaced());
    count(
        "varve.objects.dropped",
        "Values that were not stored because there was no room.",
        state -> state.objects().dropped());
    count(
        "varve.objects.lost",
        "Values of which a piece was missing or failed its check.",
        state -> state.objects().lost());
    count("varve.blocks.dropped", "Blocks that found no room.", StoreState::droppedBlocks);
    count("varve.fetched.tokens", "Stored tokens that were fetched.", StoreState::fetchedTokens);
    count(
        "varve.slower.than.recompute.tokens",
        "Stored tokens that were not fetched because computing them again was faster.",
        StoreState::recomputedTokens);
    gauge(
        "varve.blocks.waiting",
        "Blocks that a tier refused and that are tried again.",
        Tags.empty(),
        StoreState::waitingBlocks);
  }

  /** Adds what was seen since. */
  public synchronized void update() {
    sampler
        .latest()
        .ifPresent(state -> {
          state.tiers().forEach(this::ofTier);
          state.tenants().forEach(this::ofTenant);
        });
  }

  private void ofTier(TierState seen) {
    Tags tags = Tags.of("tier", seen.tier(), "model", seen.model());
    if (!known.add(tags)) {
      return;
    }
    Predicate<TierState> same =
        tier -> tier.tier().equals(seen.tier()) && tier.model().equals(seen.model());
    gauge("varve.tier.used.bytes", "Bytes taken.", tags, tier(same, TierState::usedBytes));
    gauge(
        "varve.tier.capacity.bytes",
        "Bytes it may take.",
        tags,
        tier(same, TierState::capacityBytes));
    gauge("varve.tier.blocks", "Blocks held.", tags, tier(same, TierState::blocks));
    gauge("varve.tier.tokens", "Tokens held.", tags, tier(same, TierState::tokens));
    count("varve.tier.reads", "Blocks read.", tags, tier(same, TierState::reads));
    count(
        "varve.tier.read.bytes", "Their bytes as stored.", tags, tier(same, TierState::readBytes));
    count("varve.tier.writes", "Blocks written.", tags, tier(same, TierState::writes));
    count(
        "varve.checksum.failures",
        "Reads that failed a check.",
        tags,
        tier(same, TierState::damagedReads));
    Tags codec = tags.and("codec", seen.codec().name());
    gauge("varve.codec.ratio", "Raw over written.", codec, tier(same, t -> t.codec().ratio()));
    gauge(
        "varve.codec.error.bound",
        "Declared largest error as a fraction of the group's largest magnitude.",
        codec,
        tier(same, t -> t.codec().errorBound()));
    count("varve.codec.raw.bytes", "Raw.", codec, tier(same, t -> t.codec().rawBytes()));
    count(
        "varve.codec.written.bytes", "Written.", codec, tier(same, t -> t.codec().writtenBytes()));
    count(
        "varve.codec.unapplied.blocks",
        "Blocks that stayed raw.",
        codec,
        tier(same, t -> t.codec().rawBlocks()));
  }

  private static ToDoubleFunction<StoreState> tier(
      Predicate<TierState> wanted, ToDoubleFunction<TierState> value) {
    return state -> state.tiers().stream().filter(wanted).mapToDouble(value).sum();
  }

  private void ofTenant(TenantState seen) {
    String label = tenants.label(seen.tenant());
    Tags tags = Tags.of("tenant", label, "tier", seen.tier(), "model", seen.model());
    if (known.add(tags)) {
      Predicate<TenantState> same =
          tenant ->
              tenant.tier().equals(seen.tier())
                  && tenant.model().equals(seen.model())
                  && tenants.label(tenant.tenant()).equals(label);
      gauge("varve.tenant.bytes", "Bytes held.", tags, tenant(same, TenantState::bytes));
      gauge("varve.tenant.tokens", "Tokens held.", tags, tenant(same, TenantState::tokens));
    }
  }

  private static ToDoubleFunction<StoreState> tenant(
      Predicate<TenantState> wanted, ToDoubleFunction<TenantState> value) {
    return state -> state.tenants().stream().filter(wanted).mapToDouble(value).sum();
  }

  private void gauge(String name, String meaning, Tags tags, ToDoubleFunction<StoreState> value) {
    Gauge.builder(name, sampler, asked -> read(asked, value))
        .description(meaning)
        .tags(tags)
        .register(registry);
  }

  private void count(String name, String meaning, ToDoubleFunction<StoreState> value) {
    count(name, meaning, Tags.empty(), value);
  }

  private void count(String name, String meaning, Tags tags, ToDoubleFunction<StoreState> value) {
    FunctionCounter.builder(name, sampler, asked -> read(asked, value))
        .description(meaning)
        .tags(tags)
        .register(registry);
  }

  private static double read(Sampler asked, ToDoubleFunction<StoreState> value) {
    return asked.latest().map(value::applyAsDouble).orElse(0.0);
  }
}
