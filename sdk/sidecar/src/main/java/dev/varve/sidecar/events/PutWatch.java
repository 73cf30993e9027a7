package dev.varve.sidecar.events;

import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.resp.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes an event of every {@code KV.PUT model HASHES count hash... [CHUNKS first count] FRAMES
 * bytes}: the hashes are the engine's own, token ids were not told. Thread-safe.
 */
public final class PutWatch implements RequestWatch {

  private static final int FIRST_HASH = 4;

  private final Models models;
  private final KvEvents events;

  /**
   * @param models by whose chunks the stored tokens are counted
   * @param events is told
   */
  public PutWatch(Models models, KvEvents events) {
    this.models = models;
    this.events = events;
  }

  @Override
  public void ran(Observed observed) {
    Request request = observed.request();
    if (observed.command().equals("kv.put")
        && observed.reply() instanceof Reply.Whole(long tokens)
        && Text.word(request.argument(2)).equals("hashes")) {
      models
          .find(Text.of(request.argument(1)))
          .ifPresent(model -> stored(request, tokens, model.chunkTokens()));
    }
  }

  /** The request was run, so its numbers are numbers. */
  private void stored(Request request, long tokens, int chunkTokens) {
    int count = number(request.argument(3));
    int option = FIRST_HASH + count;
    boolean part = Text.word(request.argument(option)).equals("chunks");
    int first = part ? number(request.argument(option + 1)) : 0;
    int end = (int) Math.min(count, tokens / chunkTokens);
    List<Long> hashes = new ArrayList<>();
    for (int chunk = first; chunk < end; chunk++) {
      hashes.add(low(request.argument(FIRST_HASH + chunk)));
    }
    if (!hashes.isEmpty()) {
      Optional<Long> parent =
          first == 0
              ? Optional.empty()
              : Optional.of(low(request.argument(FIRST_HASH + first - 1)));
      events.publish(List.of(new KvEvent.BlockStored(hashes, parent, List.of(), chunkTokens)));
    }
  }

  private static int number(Argument argument) {
    return Integer.parseInt(Text.of(argument));
  }

  /** The last 8 bytes, big-endian, as engines cut their hashes. */
  private static long low(Argument hash) {
    byte[] bytes = hash.toBytes();
    long low = 0;
    for (int at = Math.max(0, bytes.length - Long.BYTES); at < bytes.length; at++) {
      low = low << 8 | (bytes[at] & 0xff);
    }
    return low;
  }
}
