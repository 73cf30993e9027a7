package dev.varve.sidecar.handover;

import dev.varve.store.Tenant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What one client has mapped and leased; all of it ends with its connection. For the thread of that
 * connection.
 */
public final class HandoverSession implements AutoCloseable {

  /** Most leases of a client at a time. */
  public static final int MOST_LEASES = 1 << 16;

  private final Shelves shelves;
  private final Map<Tenant, Shelf> entered = new HashMap<>();
  private final Map<Long, Held> leases = new HashMap<>();
  private @Nullable Tenant mapped;
  private OptionalInt file = OptionalInt.empty();
  private long nextLease = 1;

  private record Held(Shelf shelf, List<Shelf.Place> places) {}

  public HandoverSession(Shelves shelves) {
    this.shelves = shelves;
  }

  /**
   * Has the client get the descriptor of its tenant's file with the next reply.
   *
   * @throws ShelfFullException if too many other tenants have one
   * @throws IOException if there is no memory for it
   */
  public Shelf map(Tenant tenant) throws ShelfFullException, IOException {
    Shelf shelf = entered.get(tenant);
    if (shelf == null) {
      shelf = shelves.enter(tenant);
      entered.put(tenant, shelf);
    }
    mapped = tenant;
    file = OptionalInt.of(shelf.descriptor());
    return shelf;
  }

  /** The descriptor that goes with the next reply; told once. */
  public OptionalInt takeFile() {
    OptionalInt taken = file;
    file = OptionalInt.empty();
    return taken;
  }

  /** The file that the client mapped last, if it is of this tenant. */
  public Optional<Shelf> shelf(Tenant tenant) {
    return tenant.equals(mapped) ? Optional.ofNullable(entered.get(tenant)) : Optional.empty();
  }

  /**
   * Begins a lease of several values.
   *
   * @throws ShelfFullException if the client has too many
   */
  public Lease begin(Shelf shelf) throws ShelfFullException {
    if (leases.size() >= MOST_LEASES) {
      throw new ShelfFullException(
          "the client has %d leases, which is the most there may be: release some"
              .formatted(leases.size()));
    }
    return new Lease(shelf);
  }

  /** A lease that is being made: the client gets all of it, or what it has of it is given back. */
  public final class Lease implements AutoCloseable {

    private final Shelf shelf;
    private List<Shelf.Place> places = new ArrayList<>();

    private Lease(Shelf shelf) {
      this.shelf = shelf;
    }

    /** Where values are put. */
    public Shelf shelf() {
      return shelf;
    }

    /** Takes over the claim on a value. */
    public void add(Shelf.Place place) {
      places.add(place);
    }

    /** Makes it the client's; returns its number, or 0 if it is a lease of nothing. */
    public long commit() {
      if (places.isEmpty()) {
        return 0;
      }
      long number = nextLease++;
      leases.put(number, new Held(shelf, places));
      places = new ArrayList<>();
      return number;
    }

    @Override
    public void close() {
      places.forEach(place -> shelf.release(place.claim()));
      places = new ArrayList<>();
    }
  }

  /** Ends a lease; returns false if there is none of that number. */
  public boolean release(long number) {
    Held held = leases.remove(number);
    if (held == null) {
      return false;
    }
    held.places.forEach(place -> held.shelf.release(place.claim()));
    return true;
  }

  /** Ends all leases. Idempotent. */
  @Override
  public void close() {
    List.copyOf(leases.keySet()).forEach(this::release);
    entered.forEach(shelves::leave);
    entered.clear();
    mapped = null;
  }
}
