package dev.varve.cli.command;

import dev.varve.store.Tenant;

/** How commands name tenants. */
final class TenantOption {

  /** Names callers without a salt. */
  static final String NONE = "none";

  private TenantOption() {}

  /** The tenant of this hash, or of nobody in particular. */
  static Tenant parse(String text) {
    return text.equals(NONE) ? Tenant.NONE : Tenant.ofHash(text);
  }
}
