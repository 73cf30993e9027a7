package dev.varve.sidecar.status;

/**
 * One tier of one model's blocks, or of values.
 *
 * @param tier its name in lower case: {@code hot}, {@code host}, {@code ssd}, {@code remote}
 * @param model whose blocks it holds; {@link #VALUES} where it holds values
 * @param usedBytes bytes taken, with headers and padding
 * @param capacityBytes bytes it may take
 * @param blocks blocks held
 * @param tokens tokens whose blocks are held
 * @param reads blocks read since the server started
 * @param readBytes their bytes as they are stored
 * @param writes blocks written
 * @param damagedReads reads that failed a check
 * @param codec what it wrote blocks with
 */
public record TierState(
    String tier,
    String model,
    long usedBytes,
    long capacityBytes,
    long blocks,
    long tokens,
    long reads,
    long readBytes,
    long writes,
    long damagedReads,
    CodecState codec) {

  /** Stands for the model where there is none. */
  public static final String VALUES = "values";
}
