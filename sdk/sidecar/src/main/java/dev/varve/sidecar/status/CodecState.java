package dev.varve.sidecar.status;

/**
 * What the encoding of a tier did since the server started.
 *
 * @param name of the encoding; {@code raw} writes bytes as they are
 * @param rawBytes what blocks take raw
 * @param writtenBytes what they took as they were written
 * @param rawBlocks blocks that stayed raw because it did not apply
 * @param errorBound largest error of an element that it declares, as a fraction of the largest
 *     magnitude in its group, row or section; 0 where every bit comes back
 */
public record CodecState(
    String name, long rawBytes, long writtenBytes, long rawBlocks, double errorBound) {

  /** Raw over written; 1 before the first block. */
  public double ratio() {
    return writtenBytes == 0 ? 1 : (double) rawBytes / writtenBytes;
  }
}
