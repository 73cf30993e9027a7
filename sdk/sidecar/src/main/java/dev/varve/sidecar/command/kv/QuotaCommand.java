package dev.varve.sidecar.command.kv;

import dev.varve.offload.tenancy.TenantUsage;
import dev.varve.offload.tenancy.TenantUsage.QuotaUse;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.resp.Reply;
import java.util.List;
import java.util.Map;

/** {@code KV.QUOTA model}: what the client's tenant keeps of a model, and how much it may. */
public final class QuotaCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.quota", 2, "Tells what a tenant keeps and may keep.", CommandInfo.Flag.READONLY);

  private final Models models;

  public QuotaCommand(Models models) {
    this.models = models;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    KvRequest request = KvRequest.of(arguments, client, models);
    TenantUsage usage = request.model().cache().tenants().usage(request.tenant());
    return new Reply.Pairs(
        List.of(
            Map.entry("chunks", Reply.whole(usage.chunks())),
            Map.entry("hot_bytes", Reply.whole(usage.hot().bytes())),
            Map.entry("host_bytes", Reply.whole(usage.host().bytes())),
            Map.entry("ssd_bytes", Reply.whole(usage.ssd().bytes())),
            Map.entry(
                "quota_bytes",
                usage.quota().map(QuotaUse::bytes).map(Reply::whole).orElse(Reply.NIL)),
            Map.entry(
                "counted_bytes",
                usage.quota().map(QuotaUse::counted).map(Reply::whole).orElse(Reply.NIL)),
            Map.entry("prompts", Reply.whole(usage.prompts())),
            Map.entry("hits", Reply.whole(usage.hits())),
            Map.entry("dropped_puts", Reply.whole(usage.droppedPuts())),
            Map.entry("displaced", Reply.whole(usage.displaced()))));
  }
}
