package dev.varve.sidecar.status;

/**
 * One tier.
 *
 * @param tier its name in lower case: {@code hot}, {@code host}, {@code ssd}, {@code remote}
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
    long usedBytes,
    long capacityBytes,
    long blocks,
    long tokens,
    long reads,
    long readBytes,
    long writes,
    long damagedReads,
    CodecState codec) {}
