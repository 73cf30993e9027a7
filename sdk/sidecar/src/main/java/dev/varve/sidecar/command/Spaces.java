package dev.varve.sidecar.command;

import dev.varve.sidecar.value.Values;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectSpace;
import java.util.function.Function;

/**
 * The keys of every tenant.
 *
 * @param objects where values are kept
 * @param values prepares them to be sent
 * @param counters what happened
 */
public record Spaces(Function<Tenant, ObjectSpace> objects, Values values, Counters counters) {

  /** Those of one tenant. */
  public Keys keys(Tenant tenant) {
    return new Keys(objects.apply(tenant), values, counters);
  }
}
