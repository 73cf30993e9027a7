package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.handover.LocalClient;
import dev.varve.sidecar.handover.HandoverSession.Lease;
import dev.varve.sidecar.handover.Shelf;
import dev.varve.sidecar.handover.ShelfFullException;
import dev.varve.sidecar.handover.ShelfName;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code KV.LEASE model context [CHUNKS first count] [LAYERS first count]}: the number of a lease,
 * and where the raw blocks of what is stored lie in the memory file, chunk by chunk; nil for a
 * block that is lost.
 */
public final class LeaseCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.lease", -4, "Leases blocks in the memory file.", CommandInfo.Flag.READONLY);

  private final Models models;

  public LeaseCommand(Models models) {
    this.models = models;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    LocalClient local = LocalClient.of(client);
    Shelf shelf = local.shelf();
    KvRequest request = KvRequest.of(arguments, client, models);
    ServedModel model = request.model();
    int[] ids = request.context();
    int whole = ids.length / model.chunkTokens();
    int layerCount = model.geometry().shape().layerCount();
    KvRequest.Range chunks = new KvRequest.Range(0, whole);
    KvRequest.Range layers = new KvRequest.Range(0, layerCount);
    while (!request.done()) {
      switch (request.word()) {
        case "chunks" -> chunks = request.range("chunks", whole);
        case "layers" -> layers = request.range("layers", layerCount);
        default -> throw CommandException.syntax();
      }
    }
    HeldContext held = GetCommand.hold(request, ids, () -> {});
    try {
      int end = Math.min(chunks.end(), held.tokens() / model.chunkTokens());
      KvRequest.Range stored =
          new KvRequest.Range(chunks.first(), Math.max(0, end - chunks.first()));
      KvRequest.Range all = layers;
      return LocalClient.run(() -> {
        try (Lease lease = local.session().begin(shelf)) {
          return blocks(held, stored, all, lease);
        }
      });
    } finally {
      held.release();
    }
  }

  private static Reply blocks(
      HeldContext held, KvRequest.Range chunks, KvRequest.Range layers, Lease lease)
      throws ShelfFullException {
    ServedModel model = held.model();
    List<ChunkKey> names = held.chunks();
    List<Reply> blocks = new ArrayList<>();
    for (int chunk = chunks.first(); chunk < chunks.end(); chunk++) {
      for (int layer = layers.first(); layer < layers.end(); layer++) {
        if (model.geometry().shape().owns(layer)) {
          blocks.add(block(held, names.get(chunk), chunk, layer, lease));
        }
      }
    }
    return Reply.many(Reply.whole(lease.commit()), new Reply.Many(blocks));
  }

  private static Reply block(HeldContext held, ChunkKey name, int chunk, int layer, Lease lease)
      throws ShelfFullException {
    Optional<Shelf.Place> place =
        lease
            .shelf()
            .lease(
                new ShelfName.OfBlock(name, layer),
                0,
                held.model().geometry().block(layer).bytes(),
                target -> held.load(chunk, layer, target));
    place.ifPresent(lease::add);
    return place
        .map(at ->
            Reply.many(
                Reply.whole(chunk),
                Reply.whole(layer),
                Reply.whole(at.offset()),
                Reply.whole(at.length()),
                Reply.whole(Integer.toUnsignedLong(at.crc()))))
        .orElse(Reply.NIL);
  }
}
