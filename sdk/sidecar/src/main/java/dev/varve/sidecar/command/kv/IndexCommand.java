package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.resp.Reply;

/**
 * {@code KV.INDEX model context QUERIES count dtype bytes SELECT policy [LEAST logit] [SCORES]
 * [CHUNKS first count] [LAYERS first count] [SCALE number]}: which tokens of what is stored these
 * queries should read.
 */
public final class IndexCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain(
          "kv.index",
          -4,
          "Chooses the tokens of a stored context that queries should read.",
          CommandInfo.Flag.READONLY);

  private final Models models;
  private final MemoryBudget memory;

  /**
   * @param memory what queries and results are taken from
   */
  public IndexCommand(Models models, MemoryBudget memory) {
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
    boolean scores = false;
    while (!request.done()) {
      String word = request.word();
      if (word.equals("scores")) {
        scores = true;
      } else {
        query.option(word);
      }
    }
    TokenChoice choice =
        query
            .choice()
            .orElseThrow(() ->
                CommandException.of("say how to choose: SELECT policy, as in SELECT quest(k=256)"));
    boolean withScores = scores;
    return query.answer(
        memory,
        (batch, held, results) ->
            new IndexRun(query, batch, choice, withScores, held, results).reply());
  }
}
