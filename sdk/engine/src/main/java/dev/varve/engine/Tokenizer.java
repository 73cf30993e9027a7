package dev.varve.engine;

/** Turns text into the token ids of a model and back. Safe for many threads. */
public interface Tokenizer {

  /** Ids are {@code [0, vocabulary)}. */
  int vocabulary();

  /** The ids of a prompt, with the mark of the beginning where the model was trained with one. */
  int[] encode(String text);

  /** Whether {@code id} marks the end of a text: generation stops before it. */
  boolean endsText(int id);

  /** The bytes that {@code id} stands for after {@code previous}, which is -1 for the first id. */
  byte[] bytes(int previous, int id);

  /** The text of all {@code ids}. */
  default String decode(int... ids) {
    TextStream stream = new TextStream(this);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(stream.accept(id));
    }
    return text.append(stream.finish()).toString();
  }
}
