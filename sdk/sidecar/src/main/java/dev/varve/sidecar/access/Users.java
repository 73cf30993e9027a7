package dev.varve.sidecar.access;

import dev.varve.store.Tenant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Everybody who may use the server. Immutable. */
public final class Users {

  /** Nobody is asked for a password. */
  public static final Users OPEN = new Users(List.of(User.ANYBODY));

  private final Map<String, User> byName;

  /**
   * @param users each with a name of its own
   */
  public Users(Collection<User> users) {
    this.byName = users.stream().collect(Collectors.toMap(User::name, Function.identity()));
  }

  /** The user of that name, if the password is right. */
  public Optional<User> find(String name, byte[] password) {
    return Optional.ofNullable(byName.get(name)).filter(user -> user.accepts(password));
  }

  /** Who a client is before it says so; empty if it must say so first. */
  public Optional<User> stranger() {
    return Optional.ofNullable(byName.get(User.DEFAULT))
        .filter(user -> user.enabled() && user.anyPassword());
  }

  /** The name of the first user of each tenant, in the order of names. */
  public Map<Tenant, String> tenantNames() {
    Map<Tenant, String> names = new HashMap<>();
    new TreeMap<>(byName).values().forEach(user -> names.putIfAbsent(user.tenant(), user.name()));
    return names;
  }

  /** Number of users. */
  public int size() {
    return byName.size();
  }
}
