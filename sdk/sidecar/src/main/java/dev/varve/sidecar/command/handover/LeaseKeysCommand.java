package dev.varve.sidecar.command.handover;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.handover.HandoverSession.Lease;
import dev.varve.sidecar.handover.Shelf;
import dev.varve.sidecar.handover.ShelfFullException;
import dev.varve.sidecar.handover.ShelfName;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code KV.LEASEKEYS key [key ...]}: the number of a lease, and where the value of each key lies;
 * nil for a key without one.
 */
public final class LeaseKeysCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.keys("kv.leasekeys", -2, "Leases values in the memory file.", Flag.READONLY);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    LocalClient local = LocalClient.of(client);
    Shelf shelf = local.shelf();
    List<Reply> places = new ArrayList<>();
    return LocalClient.run(() -> {
      try (Lease lease = local.session().begin(shelf)) {
        for (int i = 1; i < arguments.size(); i++) {
          places.add(lease(arguments.key(i), client, lease));
        }
        return Reply.many(Reply.whole(lease.commit()), new Reply.Many(places));
      }
    });
  }

  private static Reply lease(byte[] key, Client client, Lease lease) throws ShelfFullException {
    ShelfName name = ShelfName.OfValue.of(key);
    Optional<ObjectInfo> known = client.keys().info(key);
    if (known.isEmpty()) {
      lease.shelf().forget(name);
      return Reply.NIL;
    }
    Optional<Shelf.Place> there = lease.shelf().find(name, known.get().version());
    Optional<Shelf.Place> place = there.isPresent() ? there : copied(key, name, client, lease);
    place.ifPresent(lease::add);
    return place.map(LeaseKeysCommand::told).orElse(Reply.NIL);
  }

  private static Optional<Shelf.Place> copied(
      byte[] key, ShelfName name, Client client, Lease lease) throws ShelfFullException {
    // The lookup was counted already.
    Optional<ObjectLease> found = client.keys().space().lease(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (ObjectLease value = found.get()) {
      return lease
          .shelf()
          .lease(
              name,
              value.info().version(),
              value.length(),
              target -> target.byteSize() == 0 || value.read(0, target));
    }
  }

  private static Reply told(Shelf.Place place) {
    return Reply.many(
        Reply.whole(place.offset()),
        Reply.whole(place.length()),
        Reply.whole(Integer.toUnsignedLong(place.crc())));
  }
}
