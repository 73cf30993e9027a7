package dev.varve.sidecar.command.kv;

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
import dev.varve.sidecar.stream.ChunkCosts;
import dev.varve.sidecar.stream.LevelBook;
import dev.varve.sidecar.stream.Links;
import dev.varve.sidecar.stream.StreamPace;
import dev.varve.sidecar.stream.StreamTarget;
import dev.varve.store.Encoding;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * {@code KV.STREAM model context [CHUNKS first count] [LEVELS count name [name ...]] [TARGET
 * milliseconds] [RATE bytes] [FLOOR bytes] [TEXT]}: an array of chunks, each an array of frames, at
 * the level that lets the whole be there in time.
 */
public final class StreamCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.stream",
          -4,
          "Sends a context chunk by chunk, as exact as time allows.",
          CommandInfo.Flag.READONLY);

  private static final int MOST_LEVELS = 16;

  private final Models models;
  private final Counters counters;
  private final LongSupplier nanos;
  private final Links links = new Links();
  private final Map<String, LevelBook> books = new ConcurrentHashMap<>();

  /**
   * @param nanos like {@link System#nanoTime}
   */
  public StreamCommand(Models models, Counters counters, LongSupplier nanos) {
    this.models = models;
    this.counters = counters;
    this.nanos = nanos;
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
    KvRequest.Range chunks = new KvRequest.Range(0, whole);
    List<Encoding> levels = model.levels();
    double seconds = Double.POSITIVE_INFINITY;
    OptionalDouble rate = OptionalDouble.empty();
    long floor = 0;
    boolean text = false;
    while (!request.done()) {
      switch (request.word()) {
        case "chunks" -> chunks = request.range("chunks", whole);
        case "levels" -> levels = levels(request);
        case "target" -> seconds = request.integer("the target", 1, 86_400_000) / 1e3;
        case "rate" -> rate = OptionalDouble.of((double) request.integer("the rate", 1, 1L << 50));
        case "floor" -> floor = request.integer("the floor", 0, 1L << 50);
        case "text" -> text = true;
        default -> throw CommandException.syntax();
      }
    }
    StreamPace pace = new StreamPace(links, peer(client), rate, nanos);
    StreamTarget target = new StreamTarget(seconds, floor);
    return stream(request, ids, chunks, levels, text, target, pace);
  }

  private static List<Encoding> levels(KvRequest request) {
    int count = (int) request.integer("the number of levels", 1, MOST_LEVELS);
    List<Encoding> levels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      levels.add(GetCommand.level(request.model(), request.text()));
    }
    return levels;
  }

  private Reply stream(
      KvRequest request,
      int[] ids,
      KvRequest.Range chunks,
      List<Encoding> levels,
      boolean text,
      StreamTarget target,
      StreamPace pace) {
    ServedModel model = request.model();
    HeldContext held;
    try {
      held = GetCommand.hold(request, ids, pace::end);
    } catch (RuntimeException e) {
      pace.end();
      throw e;
    }
    int end = Math.min(chunks.end(), held.tokens() / model.chunkTokens());
    if (chunks.first() >= end) {
      held.release();
      return Reply.many();
    }
    LevelBook book = books.computeIfAbsent(model.name(), _ -> new LevelBook(model, nanos));
    ChunkCosts costs =
        new ChunkCosts(
            book,
            names(request.tenant(), ids, model.chunkTokens(), chunks.first(), end),
            levels,
            (long) chunks.first() * model.chunkTokens(),
            model.chunkTokens(),
            text ? model.cache().prefillCost() : Optional.empty());
    int[] textIds = request.namedByTokens() ? ids : new int[0];
    StreamRun run = new StreamRun(held, chunks.first(), costs, target, pace, textIds, counters);
    List<Reply> replies = new ArrayList<>();
    for (int i = 0; i < costs.chunks(); i++) {
      replies.add(new Reply.Deferred(run.chunk(i)));
    }
    held.release();
    return new Reply.Many(replies);
  }

  /** Streams to one host share its link, whatever their ports are. */
  private static String peer(Client client) {
    String remote = client.place().remote();
    return remote.substring(0, Math.max(0, remote.lastIndexOf(':')));
  }

  /** A number for each chunk that another content hardly has: a wrong one costs a wrong guess. */
  private static long[] names(Tenant tenant, int[] ids, int span, int first, int end) {
    long[] names = new long[end - first];
    long hash = tenant.high() ^ tenant.low();
    for (int chunk = 0; chunk < end; chunk++) {
      for (int at = chunk * span; at < (chunk + 1) * span; at++) {
        hash = (hash ^ ids[at]) * 0x9e3779b97f4a7c15L;
        hash ^= hash >>> 29;
      }
      if (chunk >= first) {
        names[chunk - first] = hash;
      }
    }
    return names;
  }
}
