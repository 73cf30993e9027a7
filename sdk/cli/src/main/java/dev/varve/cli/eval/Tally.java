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
  private long rowsAttended;
  private long rowsHeld;
  private long bytesScored;
  private long steps;
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

  /** Adds what was read at {@code count} steps. */
  void reads(int count, long attended, long held, long scored) {
    steps += count;
    rowsAttended += attended;
    rowsHeld += held;
    bytesScored += scored;
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
    rowsAttended += other.rowsAttended;
    rowsHeld += other.rowsHeld;
    bytesScored += other.bytesScored;
    steps += other.steps;
    right += other.right;
    rightFull += other.rightFull;
    questions += other.questions;
  }

  /** Policies that forget read all that they keep. */
  private double attended() {
    return rowsHeld == 0 ? (double) bytes / bytesFull : (double) rowsAttended / rowsHeld;
  }

  /** The row; a mean of nothing is not a number. */
  EvalRow row(Candidate candidate) {
    return new EvalRow(
        candidate.policy(),
        candidate.budget().orElse(attended()),
        candidate.questionVisible(),
        loss / tokens,
        lossFull / tokens,
        (double) right / questions,
        (double) rightFull / questions,
        Math.sqrt(errorSquares / outputSquares),
        mass / massFull,
        attended(),
        steps == 0 ? 0 : bytesScored / steps,
        bytes / prompts,
        bytesFull / prompts,
        seconds / prompts);
  }
}
