package dev.varve.compression;

import java.util.Objects;

/** Tokens of a section as floats. */
public final class SectionFloats {
  private final SectionShape shape;
  private final int tokens;
  private final int position;
  private final int firstToken;
  private final float[] values;

  /**
   * Tokens from the front of a block.
   *
   * @param shape the section they are of
   * @param tokens how many
   * @param position place of the first token in its sequence
   * @param values {@code [heads][tokens][dim]}, or longer; borrowed
   */
  public SectionFloats(SectionShape shape, int tokens, int position, float[] values) {
    this(shape, tokens, position, 0, values);
  }

  /**
   * @param firstToken place of the first token in its block
   */
  SectionFloats(SectionShape shape, int tokens, int position, int firstToken, float[] values) {
    Objects.checkFromIndexSize(0, shape.values(tokens), values.length);
    this.shape = shape;
    this.tokens = tokens;
    this.position = position;
    this.firstToken = firstToken;
    this.values = values;
  }

  public SectionShape shape() {
    return shape;
  }

  public int tokens() {
    return tokens;
  }

  /** Place of the first token in its sequence. */
  public int position() {
    return position;
  }

  /** Place of the first token in its block. */
  public int firstToken() {
    return firstToken;
  }

  /** The elements, {@code [heads][tokens][dim]}; not a copy. */
  public float[] values() {
    return values;
  }

  /** Index of the first element of {@code token} in {@code head}. */
  public int at(int head, int token) {
    return (head * tokens + token) * shape.dim();
  }
}
