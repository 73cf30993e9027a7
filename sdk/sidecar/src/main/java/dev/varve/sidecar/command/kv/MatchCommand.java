package dev.varve.sidecar.command.kv;

import dev.varve.offload.transfer.TransferDecision;
import dev.varve.sdk.StoredPrefix;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.resp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code KV.MATCH model context}: the longest stored prefix, where it is, and whether fetching it
 * is worth it.
 */
public final class MatchCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.match",
          -4,
          "Tells the longest stored prefix of a context.",
          CommandInfo.Flag.READONLY);

  private final Models models;

  public MatchCommand(Models models) {
    this.models = models;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    KvRequest request = KvRequest.of(arguments, client, models);
    int[] ids = request.context();
    if (!request.done()) {
      throw CommandException.syntax();
    }
    StoredPrefix found = request.model().cache().find(request.tenant(), ids);
    TransferDecision decision = found.decision();
    double fetch = decision.taken().fetchSeconds() + decision.left().fetchSeconds();
    double compute = decision.taken().computeSeconds() + decision.left().computeSeconds();
    return new Reply.Pairs(
        List.of(
            Map.entry("tokens", Reply.whole(found.tokens())),
            Map.entry("chunks", Reply.whole(found.tokens() / request.model().chunkTokens())),
            Map.entry("bytes", Reply.whole(found.bytes())),
            Map.entry("tiers", tiers(found)),
            Map.entry("hint", Reply.bulk(hint(decision.outcome()))),
            Map.entry("fetch_tokens", Reply.whole(decision.tokensTaken())),
            Map.entry("fetch_us", Reply.whole(micros(fetch))),
            Map.entry("compute_us", Reply.whole(micros(compute)))));
  }

  private static Reply tiers(StoredPrefix found) {
    List<Map.Entry<String, Reply>> tiers = new ArrayList<>();
    found.shares().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(share ->
            tiers.add(
                Map.entry(
                    share.getKey().name().toLowerCase(Locale.ROOT),
                    Reply.many(
                        Reply.whole(share.getValue().blocks()),
                        Reply.whole(share.getValue().bytes())))));
    return new Reply.Pairs(tiers);
  }

  private static String hint(TransferDecision.Outcome outcome) {
    return switch (outcome) {
      case NO_MATCH -> "none";
      case ALL_HOT, FETCH -> "fetch";
      case SPLIT -> "split";
      case RECOMPUTE -> "recompute";
      case COST_UNKNOWN, SPEED_UNKNOWN -> "unknown";
    };
  }

  private static long micros(double seconds) {
    return Math.round(Math.min(seconds, 1e9) * 1e6);
  }
}
