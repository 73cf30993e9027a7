package dev.varve.llamacpp;

/** The native library is not there or does not run on this machine: the sentence says why. */
public final class MissingLibraryException extends LlamaException {

  private static final long serialVersionUID = 1L;

  public MissingLibraryException(String sentence) {
    super(sentence);
  }

  public MissingLibraryException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
