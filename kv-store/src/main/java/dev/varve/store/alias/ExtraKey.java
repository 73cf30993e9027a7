package dev.varve.store.alias;

import dev.varve.store.Digest256;
import java.util.List;

/**
 * One of the values that vLLM hashes with a block's tokens, because they change its keys and
 * values. vLLM itself puts no tag on them: an adapter and a salt of the same text are the same
 * extra key.
 */
public sealed interface ExtraKey {

  /** A name: an adapter, a salt, the identifier of an image. */
  record Text(String value) implements ExtraKey {}

  /** A whole number: an offset, or the adapter number of older releases. */
  record Whole(long value) implements ExtraKey {}

  /** A digest as 32 raw bytes, such as that of prompt embeddings. */
  record Digest(Digest256 value) implements ExtraKey {}

  /** Several values as one: a tuple inside the tuple. */
  record Group(List<ExtraKey> items) implements ExtraKey {
    public Group {
      items = List.copyOf(items);
    }
  }
}
