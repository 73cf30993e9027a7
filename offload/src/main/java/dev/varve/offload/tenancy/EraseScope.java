package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is erased together. */
public sealed interface EraseScope {

  /** The chunks in {@code catalog} that belong to it. */
  List<ChunkKey> find(ChunkCatalog catalog);

  /** Everything of one tenant, of any model. */
  record OfTenant(Tenant tenant) implements EraseScope {
    @Override
    public List<ChunkKey> find(ChunkCatalog catalog) {
      List<ChunkKey> found = new ArrayList<>();
      catalog.forEach(chunk -> {
        if (chunk.key().tenant().equals(tenant)) {
          found.add(chunk.key());
        }
      });
      return found;
    }
  }

  /** Everything of one model, of any tenant; what branches off its fingerprint belongs to it. */
  record OfModel(Fingerprint fingerprint) implements EraseScope {
    @Override
    public List<ChunkKey> find(ChunkCatalog catalog) {
      List<ChunkKey> found = new ArrayList<>();
      catalog.forEach(chunk -> {
        if (chunk.key().fingerprint().sameModel(fingerprint)) {
          found.add(chunk.key());
        }
      });
      return found;
    }
  }

  /**
   * One chunk and everything that continues it.
   *
   * @param firstToken position of the chunk's first token
   */
  record OfPrefix(ChunkKey key, int firstToken) implements EraseScope {

    /**
     * A chunk whose ancestors are not all known may continue the prefix or not: nobody can find it
     * as it is, but it would come back with its ancestors, so it belongs here.
     */
    @Override
    public List<ChunkKey> find(ChunkCatalog catalog) {
      return find(catalog, true);
    }

    /** Without the chunks of which it cannot be known. */
    List<ChunkKey> findCertain(ChunkCatalog catalog) {
      return find(catalog, false);
    }

    private List<ChunkKey> find(ChunkCatalog catalog, boolean orphans) {
      List<Link> links = new ArrayList<>();
      catalog.forEach(chunk -> {
        if (mayContinue(chunk)) {
          links.add(new Link(chunk.key(), chunk.span().parent(), chunk.span().firstToken()));
        }
      });
      links.sort(Comparator.comparingInt(Link::firstToken));
      Map<ChainKey, Boolean> known = new HashMap<>();
      known.put(key.chain(), true);
      Set<ChunkKey> found = new HashSet<>();
      for (Link link : links) {
        ChainKey chain = link.key().chain();
        boolean inside =
            link.firstToken() == firstToken
                ? link.key().equals(key)
                : known.getOrDefault(link.parent(), orphans);
        known.put(chain, inside);
        if (inside) {
          found.add(link.key());
        }
      }
      return List.copyOf(found);
    }

    private boolean mayContinue(Chunk chunk) {
      return chunk.key().tenant().equals(key.tenant())
          && chunk.key().fingerprint().equals(key.fingerprint())
          && chunk.span().firstToken() >= firstToken;
    }

    private record Link(ChunkKey key, ChainKey parent, int firstToken) {}
  }
}
