package dev.varve.client;

import dev.varve.sdk.attention.TokenMethod;
import dev.varve.store.Checks;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What queries see of a context.
 *
 * @param firstToken a multiple of a chunk's tokens
 * @param endToken the same, behind the last; {@link Integer#MAX_VALUE} for all that is stored
 * @param scale factor on the dot products; empty for the model's
 * @param select read policy that chooses among these tokens, which must be none that needs a
 *     session; empty for all of them
 * @param least smallest logit of a token that is chosen
 */
public record RemoteScope(
    int firstToken,
    int endToken,
    OptionalDouble scale,
    Optional<String> select,
    OptionalDouble least) {

  /** All that is stored. */
  public static final RemoteScope ALL =
      new RemoteScope(
          0, Integer.MAX_VALUE, OptionalDouble.empty(), Optional.empty(), OptionalDouble.empty());

  public RemoteScope {
    Checks.notNegative(firstToken, "first token");
    Checks.inRange(endToken, firstToken, Integer.MAX_VALUE, "end token");
    Objects.requireNonNull(scale, "scale");
    Objects.requireNonNull(select, "select");
    Objects.requireNonNull(least, "least");
    select.ifPresent(TokenMethod::parse);
    if (least.isPresent() && select.isEmpty()) {
      throw new IllegalArgumentException("least cuts what a policy chooses: say which");
    }
  }

  /** The same from one token to before another. */
  public RemoteScope between(int first, int end) {
    return new RemoteScope(first, end, scale, select, least);
  }

  /** The same with another scale. */
  public RemoteScope scaledBy(double factor) {
    return new RemoteScope(firstToken, endToken, OptionalDouble.of(factor), select, least);
  }

  /** Only the tokens that a policy chooses, such as {@code quest(k=256,dense=0)}. */
  public RemoteScope select(String policy) {
    return new RemoteScope(firstToken, endToken, scale, Optional.of(policy), least);
  }

  /** Of these only the ones with logits from {@code logit} on. */
  public RemoteScope least(double logit) {
    return new RemoteScope(firstToken, endToken, scale, select, OptionalDouble.of(logit));
  }
}
