package dev.varve.client.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a server answers to who asks for a lease.
 *
 * @param number of the lease; 0 for a lease of nothing
 * @param places where what was asked for lies, in that order; absent where there is none
 */
public record LocalLease(long number, List<Optional<Place>> places) {

  private static final int OF_VALUE = 3;
  private static final int OF_BLOCK = 5;

  /**
   * A place in the memory file.
   *
   * @param chunk of a block; 0 for a value
   * @param layer of a block; 0 for a value
   */
  public record Place(int chunk, int layer, long offset, long length, int crc) {}

  /** Reads places of values, as many as keys were asked for. */
  static LocalLease ofValues(LocalReply reply, int keys) throws RemoteException {
    return read(reply, OptionalInt.of(keys), OF_VALUE);
  }

  /** Reads places of blocks, however many are stored. */
  static LocalLease ofBlocks(LocalReply reply) throws RemoteException {
    return read(reply, OptionalInt.empty(), OF_BLOCK);
  }

  private static LocalLease read(LocalReply reply, OptionalInt wanted, int numbers)
      throws RemoteException {
    if (reply.array() != 2) {
      throw RemoteException.broken("no lease came");
    }
    long number = reply.integer();
    int count = reply.array();
    if (count < 0 || (wanted.isPresent() && count != wanted.getAsInt())) {
      throw RemoteException.broken("%d places came".formatted(count));
    }
    List<Optional<Place>> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.add(place(reply, numbers));
    }
    return new LocalLease(number, places);
  }

  private static Optional<Place> place(LocalReply reply, int numbers) throws RemoteException {
    int came = reply.array();
    if (came < 0) {
      return Optional.empty();
    }
    if (came != numbers) {
      throw RemoteException.broken("a place of %d numbers came".formatted(came));
    }
    int chunk = numbers == OF_BLOCK ? (int) reply.integer() : 0;
    int layer = numbers == OF_BLOCK ? (int) reply.integer() : 0;
    return Optional.of(
        new Place(chunk, layer, reply.integer(), reply.integer(), (int) reply.integer()));
  }
}
