package dev.varve.cli.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one policy at one budget costs and saves.
 *
 * @param policy its text, without the budget
 * @param budget share of the tokens that it was to keep; where it decides that itself, that it kept
 * @param questionVisible whether the question stood in the prompt when tokens were forgotten
 * @param loss mean loss of the next tokens, in nats
 * @param lossFull the same with the whole cache
 * @param needleRecall share of the questions answered right
 * @param needleRecallFull the same with the whole cache
 * @param attentionError relative error of attention outputs, for the same keys and queries
 * @param mass share of the attention on tokens that were kept
 * @param rowsAttended share of the rows that a step reads; what is kept, for policies that forget
 * @param bytesScored bytes of summaries or keys that a decoded token reads to choose
 * @param bytes keys and values of the prompt after forgetting
 * @param bytesFull the same with the whole cache
 * @param seconds time to score, choose and compact, for one prompt; of policies that read little,
 *     to decode one token
 */
public record EvalRow(
    String policy,
    double budget,
    boolean questionVisible,
    double loss,
    double lossFull,
    double needleRecall,
    double needleRecallFull,
    double attentionError,
    double mass,
    double rowsAttended,
    long bytesScored,
    long bytes,
    long bytesFull,
    double seconds) {

  /** By the names that {@code varve eval --format json} prints. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("policy", policy);
    object.put("budget", budget);
    object.put("question_visible", questionVisible);
    object.put("loss", loss);
    object.put("loss_full", lossFull);
    object.put("needle_recall", needleRecall);
    object.put("needle_recall_full", needleRecallFull);
    object.put("attention_error", known(attentionError));
    object.put("mass", known(mass));
    object.put("rows_attended", rowsAttended);
    object.put("bytes_scored", bytesScored);
    object.put("bytes", bytes);
    object.put("bytes_full", bytesFull);
    object.put("seconds", seconds);
    return object;
  }

  /** The policy without what says how much it keeps or reads: what is drawn as one curve. */
  public String family() {
    return policy
        .replaceAll("(?<=[(,])(k|sparsity|budget)=[^,)]*,?", "")
        .replace(",)", ")")
        .replace("()", "");
  }

  /** What was not measured has no number. */
  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** What is kept, of the whole. */
  public double memory() {
    return (double) bytes / bytesFull;
  }

  /** Loss beyond that of the whole cache. */
  public double lossAdded() {
    return loss - lossFull;
  }
}
