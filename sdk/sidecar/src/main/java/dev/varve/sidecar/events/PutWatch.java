package dev.varve.sidecar.events;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.model.ContextName;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Makes an event of every {@code KV.PUT model HASHES count hash... [TOKENS bytes] [CHUNKS first
 * count] FRAMES bytes}: the hashes are the engine's own. Thread-safe.
 */
public final class PutWatch implements RequestWatch {

  private static final int FIRST_HASH = 4;
  private static final ValueLayout.OfInt TOKEN =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Models models;
  private final KvEvents events;
  private final AnnouncedBlocks announced;

  /**
   * @param models by whose chunks the stored tokens are counted
   * @param events is told
   * @param announced notes what was told
   */
  public PutWatch(Models models, KvEvents events, AnnouncedBlocks announced) {
    this.models = models;
    this.events = events;
    this.announced = announced;
  }

  @Override
  public void ran(Observed observed) {
    Request request = observed.request();
    if (observed.command().equals("kv.put")
        && observed.reply() instanceof Reply.Whole(long tokens)
        && Text.word(request.argument(2)).equals("hashes")) {
      models
          .find(Text.of(request.argument(1)))
          .ifPresent(model -> {
            Tenant tenant = observed.user().map(User::tenant).orElse(Tenant.NONE);
            stored(request, tokens, model, tenant);
          });
    }
  }

  /** The request was run, so its numbers are numbers. */
  private void stored(Request request, long tokens, ServedModel model, Tenant tenant) {
    int chunkTokens = model.chunkTokens();
    int count = number(request.argument(3));
    int option = FIRST_HASH + count;
    Optional<Argument> ids = Optional.empty();
    if (Text.word(request.argument(option)).equals("tokens")) {
      ids = Optional.of(request.argument(option + 1));
      option += 2;
    }
    boolean part = Text.word(request.argument(option)).equals("chunks");
    int first = part ? number(request.argument(option + 1)) : 0;
    int end = (int) Math.min(count, tokens / chunkTokens);
    List<byte[]> names = new ArrayList<>();
    for (int chunk = 0; chunk < end; chunk++) {
      names.add(request.argument(FIRST_HASH + chunk).toBytes());
    }
    List<Long> hashes = names.stream().skip(first).map(PutWatch::low).toList();
    if (!hashes.isEmpty()) {
      Optional<Long> parent =
          first == 0 ? Optional.empty() : Optional.of(low(names.get(first - 1)));
      List<Integer> told =
          ids.map(bytes -> tokens(bytes, first * chunkTokens, end * chunkTokens)).orElse(List.of());
      events.publish(List.of(new KvEvent.BlockStored(hashes, parent, told, chunkTokens)));
      remember(model, tenant, names, first);
    }
  }

  private void remember(ServedModel model, Tenant tenant, List<byte[]> names, int first) {
    Fingerprint fingerprint = model.cache().fingerprint();
    int span = model.chunkTokens();
    int[] ids = new ContextName.Hashes(names).ids(span);
    ChainKey chain = ChainKey.root(tenant, fingerprint);
    for (int chunk = 0; chunk < names.size(); chunk++) {
      chain = chain.next(ids, chunk * span, (chunk + 1) * span);
      if (chunk >= first) {
        announced.announced(new ChunkKey(tenant, fingerprint, chain), low(names.get(chunk)));
      }
    }
  }

  private static List<Integer> tokens(Argument ids, int from, int to) {
    int[] all = MemorySegment.ofArray(ids.toBytes()).toArray(TOKEN);
    return Arrays.stream(all, from, to).boxed().toList();
  }

  private static int number(Argument argument) {
    return Integer.parseInt(Text.of(argument));
  }

  /** The last 8 bytes, big-endian, as engines cut their hashes. */
  private static long low(byte[] bytes) {
    long low = 0;
    for (int at = Math.max(0, bytes.length - Long.BYTES); at < bytes.length; at++) {
      low = low << 8 | (bytes[at] & 0xff);
    }
    return low;
  }
}
