package dev.varve.client.internal;

import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import java.util.List;
import java.util.Locale;

/** Compares the model of a server with the one that is expected. */
final class ServerModel {

  private ServerModel() {}

  /**
   * Refuses a server whose blocks have another shape.
   *
   * @param policy names and values as the server told them
   */
  static void check(ModelGeometry expected, List<String> policy) throws RemoteException {
    LayerShape layer = expected.shape().layers().getFirst();
    check(policy, "layers", expected.shape().layerCount());
    check(policy, "kv_heads", layer.kvHeads());
    check(policy, "key_dim", layer.keyDim());
    check(policy, "value_dim", layer.valueDim());
    check(policy, "dtype", expected.shape().dtype().name().toLowerCase(Locale.ROOT));
    check(policy, "chunk_tokens", expected.blockTokens());
  }

  private static void check(List<String> policy, String name, Object expected)
      throws RemoteException {
    int at = policy.indexOf(name);
    String told = at < 0 || at + 1 >= policy.size() ? "nothing" : policy.get(at + 1);
    if (!told.equals(expected.toString())) {
      throw RemoteException.broken(
          "the server's model has %s %s, expected is %s".formatted(name, told, expected));
    }
  }
}
