package dev.varve.sidecar.command;

import dev.varve.sidecar.access.User;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Everybody who is connected. Thread-safe. */
public final class Clients {

  private final Map<Long, Client> byId = new ConcurrentHashMap<>();

  /** Somebody came. */
  public void add(Client client) {
    byId.put(client.id(), client);
  }

  /** Somebody went; once is enough, more does no harm. */
  public void remove(Client client) {
    byId.remove(client.id());
  }

  /** How many there are. */
  public int count() {
    return byId.size();
  }

  /** Those that a client may know of, oldest first: all for an administrator, else its tenant's. */
  public Stream<Client> shownTo(Client asking) {
    boolean all = asking.user().map(User::mayAdminister).orElse(false);
    return byId.values().stream()
        .filter(each -> all || each == asking || sameTenant(each, asking))
        .sorted(Comparator.comparingLong(Client::id));
  }

  private static boolean sameTenant(Client one, Client other) {
    return one.user().isPresent()
        && one.user().map(User::tenant).equals(other.user().map(User::tenant));
  }
}
