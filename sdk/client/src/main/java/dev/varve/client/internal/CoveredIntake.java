package dev.varve.client.internal;

import dev.varve.client.RemoteAttention;
import dev.varve.client.RemoteQueries;
import dev.varve.client.RemoteScope;
import dev.varve.client.RemoteSelection;
import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.sdk.attention.PartialAttention;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a server says of queries over a context. Whatever is not as it must be breaks the
 * connection off. For one reply.
 */
public final class CoveredIntake {

  private static final int LONGEST_NAME = 64;

  private final ModelGeometry geometry;
  private final RemoteQueries queries;
  private final RemoteScope scope;

  public CoveredIntake(ModelGeometry geometry, RemoteQueries queries, RemoteScope scope) {
    this.geometry = geometry;
    this.queries = queries;
    this.scope = scope;
  }

  /** What is covered. */
  private record Covered(int first, int tokens) {}

  /** Reads one layer. */
  private interface LayerReader<T> {
    T read(ReplyReader reply, int layer, Covered covered) throws RemoteException;
  }

  /** The reply to {@code KV.ATTEND}. */
  public RemoteAttention attention(ReplyReader reply) throws RemoteException {
    List<RemoteAttention.Layer> layers = new ArrayList<>();
    Covered covered = read(reply, layers, this::attended);
    return new RemoteAttention(covered.first(), covered.tokens(), layers);
  }

  /** Attention over nothing. */
  public RemoteAttention noAttention() {
    List<RemoteAttention.Layer> layers = new ArrayList<>();
    for (int layer = queries.firstLayer(); layer < end(); layer++) {
      layers.add(new RemoteAttention.Layer(layer, partial(layer), 0));
    }
    return new RemoteAttention(scope.firstToken(), 0, layers);
  }

  /** The reply to {@code KV.INDEX} with scores. */
  public RemoteSelection selection(ReplyReader reply) throws RemoteException {
    List<RemoteSelection.Layer> layers = new ArrayList<>();
    Covered covered = read(reply, layers, this::chosen);
    return new RemoteSelection(covered.first(), covered.tokens(), layers);
  }

  /** Nothing chosen. */
  public RemoteSelection noSelection() {
    List<RemoteSelection.Layer> layers = new ArrayList<>();
    ChosenTokens none = new ChosenTokens(new int[0], new float[0]);
    for (int layer = queries.firstLayer(); layer < end(); layer++) {
      layers.add(new RemoteSelection.Layer(layer, List.of(none)));
    }
    return new RemoteSelection(scope.firstToken(), 0, layers);
  }

  private int end() {
    return queries.firstLayer() + queries.layers();
  }

  private LayerShape shape(int layer) {
    return geometry.shape().layers().get(layer);
  }

  private PartialAttention partial(int layer) {
    LayerShape shape = shape(layer);
    return new PartialAttention(queries.tokens() * shape.queryHeads(), shape.valueDim());
  }

  private <T> Covered read(ReplyReader reply, List<T> layers, LayerReader<T> reader)
      throws RemoteException {
    check("the length of the reply", reply.array(), 6);
    name(reply, "first");
    check("the first token", reply.integer(), scope.firstToken());
    name(reply, "tokens");
    long tokens = reply.integer();
    if (tokens < 0
        || tokens % geometry.blockTokens() != 0
        || scope.firstToken() + tokens > scope.endToken()) {
      throw RemoteException.broken(
          "%d tokens are said to be covered, %d to %d were asked for"
              .formatted(tokens, scope.firstToken(), scope.endToken()));
    }
    Covered covered = new Covered(scope.firstToken(), (int) tokens);
    name(reply, "layers");
    check("the number of layers", reply.array(), queries.layers());
    for (int layer = queries.firstLayer(); layer < end(); layer++) {
      layers.add(reader.read(reply, layer, covered));
    }
    return covered;
  }

  private RemoteAttention.Layer attended(ReplyReader reply, int layer, Covered covered)
      throws RemoteException {
    boolean chosen = scope.select().isPresent();
    check("the parts of a layer", reply.array(), chosen ? 4 : 3);
    check("the layer", reply.integer(), layer);
    PartialAttention partial = partial(layer);
    float[] outputs = reply.floats(partial.outputs().length);
    float[] sums = reply.floats(partial.logSumExps().length);
    check("the number of outputs", outputs.length, partial.outputs().length);
    check("the number of log-sum-exps", sums.length, partial.logSumExps().length);
    partial.set(outputs, sums);
    long all = (long) covered.tokens() * shape(layer).kvHeads();
    return new RemoteAttention.Layer(layer, partial, chosen ? reply.integer() : all);
  }

  private RemoteSelection.Layer chosen(ReplyReader reply, int layer, Covered covered)
      throws RemoteException {
    check("the parts of a layer", reply.array(), 2);
    check("the layer", reply.integer(), layer);
    int count = reply.array();
    if (count != 1 && count != shape(layer).kvHeads()) {
      throw RemoteException.broken("%d sets came for layer %d".formatted(count, layer));
    }
    List<ChosenTokens> sets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      check("the parts of a set", reply.array(), 2);
      int[] positions = reply.ints(covered.tokens());
      float[] scores = reply.floats(covered.tokens());
      check("the number of scores", scores.length, positions.length);
      checkAscending(positions, covered);
      sets.add(new ChosenTokens(positions, scores));
    }
    return new RemoteSelection.Layer(layer, sets);
  }

  private static void checkAscending(int[] positions, Covered covered) throws RemoteException {
    int least = covered.first();
    for (int position : positions) {
      if (position < least || position >= covered.first() + covered.tokens()) {
        throw RemoteException.broken("position %d came out of order".formatted(position));
      }
      least = position + 1;
    }
  }

  private static void name(ReplyReader reply, String expected) throws RemoteException {
    String name = reply.text(LONGEST_NAME);
    if (!name.equals(expected)) {
      throw RemoteException.broken("'%s' came where '%s' was expected".formatted(name, expected));
    }
  }

  private static void check(String what, long is, long should) throws RemoteException {
    if (is != should) {
      throw RemoteException.broken("%s is %d, expected is %d".formatted(what, is, should));
    }
  }
}
