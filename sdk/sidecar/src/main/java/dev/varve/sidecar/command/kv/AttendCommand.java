package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.resp.Reply;
import java.util.Optional;

/**
 * {@code KV.ATTEND model context QUERIES count dtype bytes [CHUNKS first count] [LAYERS first
 * count] [SCALE number] [SELECT policy [LEAST logit]]}: attention of the queries over what is
 * stored of these chunks: outputs and log-sum-exps, to be merged with what the client holds itself.
 */
public final class AttendCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.attend",
          -4,
          "Attends queries to a stored context and returns outputs and log-sum-exps.",
          CommandInfo.Flag.READONLY);

  private final Models models;
  private final MemoryBudget memory;

  /**
   * @param memory what queries and results are taken from
   */
  public AttendCommand(Models models, MemoryBudget memory) {
    this.models = models;
    this.memory = memory;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    KvRequest request = KvRequest.of(arguments, client, models);
    ContextQuery query = new ContextQuery(request);
    while (!request.done()) {
      query.option(request.word());
    }
    Optional<TokenChoice> choice = query.choice();
    return query.answer(
        memory,
        (batch, held, results) -> new AttendRun(query, batch, choice, held, results).reply());
  }
}
