package dev.varve.llamacpp;

/**
 * llama.cpp cannot do what it was asked, or must not be asked: one sentence with the value, the
 * limit and what to do. The library and its memory are as before.
 */
public class LlamaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LlamaException(String sentence) {
    super(sentence);
  }

  public LlamaException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
