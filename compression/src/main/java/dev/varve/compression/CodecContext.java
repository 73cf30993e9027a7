package dev.varve.compression;

import dev.varve.store.Checks;

/**
 * What an encoder has to know of a block besides its bytes.
 *
 * @param tokens tokens held, from the front of the block
 * @param position place of the first token in its sequence
 * @param keys keys that are kept exactly
 * @param values values that are kept exactly
 * @param classes which tokens deserve more bits, for formats that know two precisions
 */
public record CodecContext(
    int tokens, int position, ExactTokens keys, ExactTokens values, TokenClasses classes) {

  public CodecContext {
    Checks.positive(tokens, "tokens");
    Checks.notNegative(position, "position");
  }

  /** {@code tokens} tokens from the start of a sequence, none kept exactly, all important. */
  public static CodecContext of(int tokens) {
    return new CodecContext(
        tokens, 0, ExactTokens.NONE, ExactTokens.NONE, TokenClasses.ALL_IMPORTANT);
  }

  /** The same at another place of its sequence. */
  public CodecContext at(int newPosition) {
    return new CodecContext(tokens, newPosition, keys, values, classes);
  }

  /** The same with these tokens kept exactly. */
  public CodecContext keeping(ExactTokens exactKeys, ExactTokens exactValues) {
    return new CodecContext(tokens, position, exactKeys, exactValues, classes);
  }

  /** The same with these tokens deserving more bits. */
  public CodecContext preferring(TokenClasses newClasses) {
    return new CodecContext(tokens, position, keys, values, newClasses);
  }

  /** What is kept exactly of {@code section}. */
  ExactTokens exact(Section section) {
    return section == Section.KEYS ? keys : values;
  }
}
