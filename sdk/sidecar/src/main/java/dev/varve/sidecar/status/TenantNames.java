package dev.varve.sidecar.status;

import dev.varve.sidecar.access.Users;
import dev.varve.store.Tenant;
import java.util.Map;
import java.util.Set;

/** What tenants are called before people: by a user's name where one is known, else by a hash. */
public final class TenantNames {

  private static final int DIGITS = 12;

  private final Map<Tenant, String> names;

  public TenantNames(Users users) {
    this.names = Map.copyOf(users.tenantNames());
  }

  /** Tenants whose names are known. */
  public Set<Tenant> known() {
    return names.keySet();
  }

  /** The name of a tenant; that of a user, {@code default}, or the beginning of its hash. */
  public String name(Tenant tenant) {
    String known = names.get(tenant);
    if (known != null) {
      return known;
    }
    return tenant.equals(Tenant.NONE) ? "default" : tenant.hash().substring(0, DIGITS);
  }
}
