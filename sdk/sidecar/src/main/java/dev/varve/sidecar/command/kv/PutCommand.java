package dev.varve.sidecar.command.kv;

import dev.varve.sdk.HotTierFullException;
import dev.varve.sdk.PrefixWriter;
import dev.varve.sdk.wire.FrameAssembler;
import dev.varve.sdk.wire.WireFrameDescriptor;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Reply;
import java.lang.foreign.Arena;

/**
 * {@code KV.PUT model context [TOKENS bytes] [CHUNKS first count] FRAMES bytes}: stores chunks
 * behind those that are stored already; returns the tokens that are stored then.
 */
public final class PutCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.put", -6, "Stores keys and values of a context.", CommandInfo.Flag.WRITE);

  private final Models models;

  public PutCommand(Models models) {
    this.models = models;
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
    if (!request.namedByTokens() && request.take("tokens")) {
      request.checkTokensOf(whole);
    }
    KvRequest.Range chunks =
        request.take("chunks") ? request.range("chunks", whole) : new KvRequest.Range(0, whole);
    if (!request.take("frames")) {
      throw CommandException.syntax();
    }
    Argument frames = request.bytes();
    if (!request.done()) {
      throw CommandException.syntax();
    }
    try (PrefixWriter writer = model.cache().write(request.tenant(), ids);
        Arena arena = Arena.ofConfined()) {
      return Reply.whole(store(model, writer, chunks, frames, arena));
    } catch (HotTierFullException e) {
      throw CommandException.coded(
          "OOM", "command not allowed when used memory > 'maxmemory': " + e.getMessage());
    }
  }

  private static int store(
      ServedModel model,
      PrefixWriter writer,
      KvRequest.Range chunks,
      Argument frames,
      Arena arena) {
    if (writer.tokens() < chunks.first() * model.chunkTokens()) {
      throw CommandException.of(
          "%d tokens of the context are stored: put the chunks from %d on first"
              .formatted(writer.tokens(), writer.tokens() / model.chunkTokens()));
    }
    ChunkIntake intake = new ChunkIntake(model, writer, chunks, arena);
    int longest =
        (int)
            Math.min(
                WireFrameDescriptor.MAX_PAYLOAD_BYTES, 2 * model.geometry().largestBlock() + 4096);
    FrameAssembler assembler = new FrameAssembler(longest, intake);
    try {
      frames.forEachPiece(piece ->
          assembler
              .accept(piece)
              .ifPresent(reason -> {
                throw intake.refusal(reason);
              }));
      intake.checkComplete(assembler.atBoundary());
    } finally {
      // Chunks that were whole stay, whatever is wrong with those behind them.
      writer.finish();
    }
    return writer.tokens();
  }
}
