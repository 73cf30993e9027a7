package dev.varve.compression.error;

/**
 * How decoded keys and values differ from the exact ones, plainly and as a query sees it. A small
 * plain error of the keys can still ruin attention, so codecs are judged by the last three.
 *
 * @param keys root of the squared error of the keys over their squares
 * @param values the same of the values
 * @param logits root mean square difference of a query's logits, the same shift of all of them
 *     taken out because softmax does not see it
 * @param worstLogit largest such difference
 * @param output root of the squared error of attention outputs over their squares
 */
public record AttentionError(
    double keys, double values, double logits, double worstLogit, double output) {}
