package dev.varve.sidecar.access;

import dev.varve.store.Tenant;
import java.security.MessageDigest;
import java.util.List;

/**
 * Somebody who may use the server. Users of one tenant see the same values.
 *
 * @param name as {@code AUTH} gives it
 * @param enabled whether anybody may be this user
 * @param anyPassword whether no password is asked for
 * @param passwords SHA-256 of each password, any of which will do
 * @param mayWrite whether values may be changed
 * @param mayAdminister whether commands on the server are allowed
 * @param tenant whose values these are
 */
public record User(
    String name,
    boolean enabled,
    boolean anyPassword,
    List<PasswordHash> passwords,
    boolean mayWrite,
    boolean mayAdminister,
    Tenant tenant) {

  /** The name of whoever gives none. */
  public static final String DEFAULT = "default";

  /** The default user of a server without passwords: may do everything. */
  public static final User ANYBODY =
      new User(DEFAULT, true, true, List.of(), true, true, Tenant.NONE);

  public User {
    passwords = List.copyOf(passwords);
  }

  /** Whether the password is this user's; takes the same time whatever is wrong with it. */
  boolean accepts(byte[] password) {
    PasswordHash given = PasswordHash.of(password);
    boolean matches = false;
    for (PasswordHash each : passwords) {
      matches |= MessageDigest.isEqual(each.bytes(), given.bytes());
    }
    return enabled && (anyPassword || matches);
  }
}
