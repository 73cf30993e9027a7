package dev.varve.sidecar.command.kv;

import dev.varve.sdk.StoredPrefix;
import dev.varve.sdk.attention.SelectionUsage;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.Tier;
import java.util.Locale;

/** {@code KV.EXPLAIN model context}: what {@code KV.MATCH} tells and why, for people. */
public final class ExplainCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.explain", -4, "Explains what is stored of a context.", CommandInfo.Flag.READONLY);

  private final Models models;

  public ExplainCommand(Models models) {
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
    int span = request.model().chunkTokens();
    StoredPrefix found = request.model().cache().find(request.tenant(), ids);
    StringBuilder text = new StringBuilder();
    text.append(
        "%s: %d of %d tokens are stored (%d of %d chunks of %d)%n"
            .formatted(
                request.model().name(),
                found.tokens(),
                ids.length,
                found.tokens() / span,
                ids.length / span,
                span));
    for (Tier tier : Tier.values()) {
      StoredPrefix.Share share = found.shares().get(tier);
      if (share != null) {
        text.append(
            "%s: %d blocks, %d bytes%n"
                .formatted(tier.name().toLowerCase(Locale.ROOT), share.blocks(), share.bytes()));
      }
    }
    SelectionUsage indices = request.model().selection().usage();
    text.append(
        "indices of this model: %d, %d of %d bytes, %d found, %d built, %d dropped%n"
            .formatted(
                indices.indices(),
                indices.bytes(),
                indices.limit(),
                indices.found(),
                indices.built(),
                indices.dropped()));
    return new Reply.Verbatim(text.append(found.decision().explain()).toString());
  }
}
