package dev.varve.offload.replacement;

import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A queue that is never reordered; a hand walks from the oldest to the newest, spares what was
 * asked for once, and evicts what was not. See Zhang et al., NSDI 2024.
 */
final class SievePolicy implements ReplacementPolicy {

  private static final class Node {
    final long chunk;
    boolean visited;
    @Nullable Node newer;
    @Nullable Node older;

    Node(long chunk) {
      this.chunk = chunk;
    }
  }

  private final Map<Long, Node> nodes = new HashMap<>();
  private @Nullable Node newest;
  private @Nullable Node oldest;
  private @Nullable Node hand;

  @Override
  public void hit(Visit visit) {
    Node node = nodes.get(visit.chunk());
    if (node != null) {
      node.visited = true;
    }
  }

  @Override
  public void admitted(Visit visit) {
    removed(visit.chunk());
    Node node = new Node(visit.chunk());
    nodes.put(visit.chunk(), node);
    node.older = newest;
    if (newest == null) {
      oldest = node;
    } else {
      newest.newer = node;
    }
    newest = node;
  }

  @Override
  public long evict() {
    @Nullable Node node = hand == null ? oldest : hand;
    while (node != null && node.visited) {
      node.visited = false;
      node = node.newer == null ? oldest : node.newer;
    }
    if (node == null) {
      throw new NoSuchElementException("no chunk is present");
    }
    hand = node;
    removed(node.chunk);
    return node.chunk;
  }

  @Override
  public void removed(long chunk) {
    @Nullable Node node = nodes.remove(chunk);
    if (node == null) {
      return;
    }
    if (hand == node) {
      hand = node.newer;
    }
    if (node.newer == null) {
      newest = node.older;
    } else {
      node.newer.older = node.older;
    }
    if (node.older == null) {
      oldest = node.newer;
    } else {
      node.older.newer = node.newer;
    }
  }
}
