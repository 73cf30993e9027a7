package dev.varve.compression.grid;

import dev.varve.compression.SectionFloats;

/** What the rows of a section are expected to be. For one thread at a time. */
public interface RowForecast {

  /** Expects nothing: zeros for rows of {@code channels} elements, as they are stored. */
  static RowForecast none(int channels) {
    float[] zeros = new float[channels];
    return new RowForecast() {
      @Override
      public void begin(SectionFloats floats) {}

      @Override
      public int expect(int token) {
        return 0;
      }

      @Override
      public float[] expected() {
        return zeros;
      }

      @Override
      public void turnBack(float[] values, int at, int token) {}

      @Override
      public void turnForth(float[] values, int at, int token) {}
    };
  }

  /** Begins with the tokens of {@code floats}. */
  void begin(SectionFloats floats);

  /**
   * Expects token {@code token}, counted from the first of the section; asked for in ascending
   * order.
   *
   * @return where the row begins in {@link #expected}
   */
  int expect(int token);

  /** Holds the expected row, in all heads; valid until the next {@link #expect}. */
  float[] expected();

  /** Brings the row of a head at {@code at} to where it is predicted. */
  void turnBack(float[] values, int at, int token);

  /** Undoes {@link #turnBack}. */
  void turnForth(float[] values, int at, int token);
}
