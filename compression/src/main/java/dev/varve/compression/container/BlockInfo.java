package dev.varve.compression.container;

import dev.varve.store.Checks;
import dev.varve.store.Encoding;
import java.util.OptionalInt;

/**
 * A block besides its bytes.
 *
 * @param encoding what the payload is written in
 * @param tokens tokens held, from the front of the block
 * @param dependsOn the earlier layer whose decoded block of the same chunk and level the codec
 *     needs
 * @param tableSet number of the {@link TableSet} that the codec needs; 0 for none
 */
public record BlockInfo(
    BlockAddress address, Encoding encoding, int tokens, OptionalInt dependsOn, int tableSet) {

  public BlockInfo {
    Checks.positive(tokens, "tokens");
    Checks.notNegative(tableSet, "table set");
    if (dependsOn.isPresent()
        && (dependsOn.getAsInt() < 0 || dependsOn.getAsInt() >= address.layer())) {
      throw new IllegalArgumentException(
          "%s cannot depend on layer %d: it must be an earlier one"
              .formatted(address, dependsOn.getAsInt()));
    }
  }

  /** A block that needs nothing else. */
  public static BlockInfo of(BlockAddress address, Encoding encoding, int tokens) {
    return new BlockInfo(address, encoding, tokens, OptionalInt.empty(), 0);
  }
}
