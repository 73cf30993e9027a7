package dev.varve.cli.pack;

/**
 * What came of one layer.
 *
 * @param layer the layer
 * @param codec what it is written in
 * @param originalBytes bytes of its keys and values
 * @param storedBytes bytes of its blocks in the container
 * @param exactBlocks blocks that the codec refused and that are written exactly
 * @param keyError relative error of the keys
 * @param valueError relative error of the values
 * @param logitError root mean square difference of logits
 * @param outputError relative error of attention outputs
 * @param queries where the queries come from that the last two are measured with: {@code stored},
 *     {@code sampled} from the keys, or {@code none}
 */
public record LayerReport(
    int layer,
    String codec,
    long originalBytes,
    long storedBytes,
    int exactBlocks,
    double keyError,
    double valueError,
    double logitError,
    double outputError,
    String queries) {}
