package dev.varve.sidecar.command.kv;

import dev.varve.compression.Encodings;
import dev.varve.sdk.HotTierFullException;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.Encoding;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code KV.GET model context [CHUNKS first count] [LAYERS first count] [LEVEL name]}: the frames
 * of what is stored of these chunks and layers, chunk by chunk; no value for a block that is lost.
 */
public final class GetCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.get", -4, "Returns keys and values of a context.", CommandInfo.Flag.READONLY);

  private final Models models;
  private final Counters counters;

  public GetCommand(Models models, Counters counters) {
    this.models = models;
    this.counters = counters;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    KvRequest request = KvRequest.of(arguments, client, models);
    ServedModel model = request.model();
    int[] ids = request.context();
    int whole = ids.length / model.chunkTokens();
    int layerCount = model.geometry().shape().layerCount();
    KvRequest.Range chunks = new KvRequest.Range(0, whole);
    KvRequest.Range layers = new KvRequest.Range(0, layerCount);
    Encoding level = Encoding.RAW;
    while (!request.done()) {
      switch (request.word()) {
        case "chunks" -> chunks = request.range("chunks", whole);
        case "layers" -> layers = request.range("layers", layerCount);
        case "level" -> level = level(model, request.text());
        default -> throw CommandException.syntax();
      }
    }
    return frames(hold(request, ids, () -> {}), chunks, layers, level);
  }

  /** An encoding that the model's blocks can be written in. */
  static Encoding level(ServedModel model, String name) {
    try {
      Encoding encoding = Encodings.parse(name);
      model.blocks().check(encoding);
      return encoding;
    } catch (IllegalArgumentException e) {
      throw CommandException.of(String.valueOf(e.getMessage()));
    }
  }

  /** Holds what is stored of the context. */
  static HeldContext hold(KvRequest request, int[] ids, Runnable released) {
    try {
      return new HeldContext(
          request.model(), request.model().cache().hold(request.tenant(), ids), released);
    } catch (HotTierFullException e) {
      throw CommandException.coded(
          "OOM", "command not allowed when used memory > 'maxmemory': " + e.getMessage());
    }
  }

  private Reply frames(
      HeldContext held, KvRequest.Range chunks, KvRequest.Range layers, Encoding level) {
    ServedModel model = held.model();
    int end = Math.min(chunks.end(), held.tokens() / model.chunkTokens());
    List<Reply> frames = new ArrayList<>();
    for (int chunk = chunks.first(); chunk < end; chunk++) {
      for (int layer = layers.first(); layer < layers.end(); layer++) {
        if (model.geometry().shape().owns(layer)) {
          held.retain();
          frames.add(
              new Reply.Deferred(
                  new FrameReply(held, chunk, layer, level, counters, FrameWatch.NONE)));
        }
      }
    }
    held.release();
    return new Reply.Many(frames);
  }
}
