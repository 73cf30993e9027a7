package dev.varve.sidecar.resp;

/**
 * Makes a reply when what comes before it was written, so that neither a long list nor its parts
 * have to be in memory at once. Exactly one of the two methods is called, once.
 */
public interface DeferredReply extends AutoCloseable {

  /** The reply; what it holds is closed with it from here on. */
  Reply make();

  /** It is not wanted any more. */
  @Override
  void close();
}
