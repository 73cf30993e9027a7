package dev.varve.store.cuda;

/**
 * Which rows of each sequence and KV head are read, ragged. All addresses are of the device.
 *
 * @param positions the tokens, {@code u32}, those of a head side by side; 0 for all tokens of every
 *     sequence
 * @param ranges where the tokens of head {@code h} of sequence {@code s} begin, {@code u32} at
 *     {@code s * kvHeads + h}, and one more for the end of the last
 * @param bias what is added to the logit of each of the tokens, {@code f32}, as {@code ln w} for a
 *     slot that stands for {@code w}; 0 for nothing
 */
public record SelectedRows(long positions, long ranges, long bias) {
  /** Every token. */
  public static final SelectedRows ALL = new SelectedRows(0, 0, 0);
}
