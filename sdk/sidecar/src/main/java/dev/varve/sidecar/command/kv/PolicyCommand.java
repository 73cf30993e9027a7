package dev.varve.sidecar.command.kv;

import dev.varve.offload.transfer.PrefillCost;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.LayerShape;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code KV.POLICY}: the models; {@code KV.POLICY model}: its shape and what holds for it; {@code
 * KV.POLICY model PREFILL tokens from microseconds}: reports what the engine's prefill took.
 */
public final class PolicyCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.policy", -1, "Tells what holds for a model.", CommandInfo.Flag.READONLY);

  private final Models models;

  public PolicyCommand(Models models) {
    this.models = models;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    if (arguments.size() == 1) {
      return Reply.texts(models.names());
    }
    KvRequest request = KvRequest.of(arguments, client, models);
    if (request.take("prefill")) {
      return report(request);
    }
    if (!request.done()) {
      throw CommandException.syntax();
    }
    return described(request.model());
  }

  private static Reply report(KvRequest request) {
    if (!request.mayWrite()) {
      throw CommandException.coded(
          "NOPERM", "this user has no permissions to report to the 'kv.policy' command");
    }
    int tokens = (int) request.integer("tokens", 1, KvRequest.MAX_TOKENS);
    int from = (int) request.integer("the first position", 0, Integer.MAX_VALUE - tokens);
    long micros = request.integer("microseconds", 1, 1L << 40);
    if (!request.done()) {
      throw CommandException.syntax();
    }
    request.model().cache().reportPrefill(tokens, from, micros * 1000);
    return Reply.OK;
  }

  private static Reply described(ServedModel model) {
    LayerShape layer = model.geometry().shape().layers().getFirst();
    Optional<PrefillCost> cost = model.cache().prefillCost();
    return new Reply.Pairs(
        List.of(
            Map.entry("fingerprint", fingerprint(model)),
            Map.entry("layers", Reply.whole(model.geometry().shape().layerCount())),
            Map.entry("kv_heads", Reply.whole(layer.kvHeads())),
            Map.entry("key_dim", Reply.whole(layer.keyDim())),
            Map.entry("value_dim", Reply.whole(layer.valueDim())),
            Map.entry("dtype", Reply.bulk(model.dtype())),
            Map.entry("chunk_tokens", Reply.whole(model.chunkTokens())),
            Map.entry("block_bytes", Reply.whole(model.geometry().block(0).bytes())),
            Map.entry("levels", Reply.texts(model.levelNames())),
            Map.entry("pin_limit_bytes", Reply.whole(model.cache().retention().pinLimitBytes())),
            Map.entry("prefill_ns_per_token", nanos(cost.map(PrefillCost::secondsPerToken))),
            Map.entry(
                "prefill_ns_per_position", nanos(cost.map(PrefillCost::secondsPerPosition)))));
  }

  private static Reply fingerprint(ServedModel model) {
    return Reply.bulk(HexFormat.of().formatHex(model.cache().fingerprint().digest().toBytes()));
  }

  private static Reply nanos(Optional<Double> seconds) {
    return seconds
        .<Reply>map(
            value -> Reply.bulk(String.format(Locale.ROOT, "%.3f", Math.min(value, 1e9) * 1e9)))
        .orElse(Reply.NIL);
  }
}
