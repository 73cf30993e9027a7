package dev.varve.cli.eval;

/** Sums of what one policy at one budget did in some documents. Not thread-safe. */
final class Tally {
  private double loss;
  private double lossFull;
  private long tokens;
  private double errorSquares;
  private double outputSquares;
  private double mass;
  private double massFull;
  private long bytes;
  private long bytesFull;
  private double seconds;
  private long prompts;
  private long right;
  private long rightFull;
  private long questions;

  /** Adds the summed losses of {@code count} tokens. */
  void tokens(int count, double theirLoss, double theirLossFull) {
    tokens += count;
    loss += theirLoss;
    lossFull += theirLossFull;
  }

  /** Adds sums of squares over attention outputs: of the error, and of the outputs themselves. */
  void outputs(double squaresOfError, double squares) {
    errorSquares += squaresOfError;
    outputSquares += squares;
  }

  /** Adds attention: on tokens that were kept, and in all. */
  void mass(double kept, double all) {
    mass += kept;
    massFull += all;
  }

  /** Adds one prompt on which the policy ran. */
  void prompt(long bytesKept, long bytesBefore, double secondsTaken) {
    bytes += bytesKept;
    bytesFull += bytesBefore;
    seconds += secondsTaken;
    prompts++;
  }

  /** Adds one question. */
  void question(boolean answered, boolean answeredByFull) {
    questions++;
    right += answered ? 1 : 0;
    rightFull += answeredByFull ? 1 : 0;
  }

  /** Adds what another tally counted. */
  void add(Tally other) {
    tokens += other.tokens;
    loss += other.loss;
    lossFull += other.lossFull;
    errorSquares += other.errorSquares;
    outputSquares += other.outputSquares;
    mass += other.mass;
    massFull += other.massFull;
    bytes += other.bytes;
    bytesFull += other.bytesFull;
    seconds += other.seconds;
    prompts += other.prompts;
    right += other.right;
    rightFull += other.rightFull;
    questions += other.questions;
  }

  /** The row; a mean of nothing is not a number. */
  EvalRow row(Candidate candidate) {
    return new EvalRow(
        candidate.policy(),
        candidate.budget().orElse((double) bytes / bytesFull),
        candidate.questionVisible(),
        loss / tokens,
        lossFull / tokens,
        (double) right / questions,
        (double) rightFull / questions,
        Math.sqrt(errorSquares / outputSquares),
        mass / massFull,
        bytes / prompts,
        bytesFull / prompts,
        seconds / prompts);
  }
}
