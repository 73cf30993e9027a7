package dev.varve.sidecar.handover;

import dev.varve.store.Tenant;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The memory files of all tenants, made when a tenant's first client asks. One that no client has
 * mapped stays, and gives way where another tenant needs its room. Thread-safe.
 */
public final class Shelves implements AutoCloseable {

  private final HandoverConfig config;
  private final Map<Tenant, Shared> byTenant = new LinkedHashMap<>();
  private final LongSupplier millis;
  private long nextNumber = 1;

  private static final class Shared {
    private final Shelf shelf;
    private int users;

    Shared(Shelf shelf) {
      this.shelf = shelf;
    }
  }

  /**
   * @param millis milliseconds since 1970
   */
  public Shelves(HandoverConfig config, LongSupplier millis) {
    this.config = config;
    this.millis = millis;
  }

  /**
   * The file of a tenant, for a client; {@link #leave} ends it.
   *
   * @throws ShelfFullException if as many other tenants have one in use as there may be
   * @throws IOException if the system has no memory for it
   */
  synchronized Shelf enter(Tenant tenant) throws ShelfFullException, IOException {
    Shared shared = byTenant.get(tenant);
    if (shared == null) {
      if (byTenant.size() >= config.tenants()) {
        makeRoom();
      }
      shared = new Shared(Shelf.create(config.fileBytes(), nextNumber++, millis));
      byTenant.put(tenant, shared);
    }
    shared.users++;
    return shared.shelf;
  }

  private void makeRoom() throws ShelfFullException {
    Tenant unused =
        byTenant.entrySet().stream()
            .filter(entry -> entry.getValue().users == 0)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(() ->
                new ShelfFullException(
                    ("%d tenants have a memory file, which is the most there may be: set"
                            + " handover.tenants to more, or use the port")
                        .formatted(byTenant.size())));
    Shared removed = byTenant.remove(unused);
    if (removed != null) {
      removed.shelf.close();
    }
  }

  /** A client has nothing leased of that file any more. */
  synchronized void leave(Tenant tenant, Shelf shelf) {
    Shared shared = byTenant.get(tenant);
    if (shared != null && shared.shelf == shelf) {
      shared.users--;
    }
  }

  /** Memory files now. */
  public synchronized int files() {
    return byTenant.size();
  }

  /** What they hold and have done, all together. */
  public synchronized ShelfState state() {
    ShelfState sum = ShelfState.NONE;
    for (Shared shared : byTenant.values()) {
      sum = sum.plus(shared.shelf.state());
    }
    return sum;
  }

  /** Gives up all files; no client may be served any more. */
  @Override
  public synchronized void close() {
    byTenant.values().forEach(shared -> shared.shelf.close());
    byTenant.clear();
  }
}
