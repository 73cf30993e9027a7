package dev.varve.store.object;

import dev.varve.store.Checks;
import dev.varve.store.Digest256;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Under which terms an object is committed.
 *
 * @param precondition what must hold of the object that is there
 * @param lifetime when it ends
 * @param group digest of a name that objects share which live and die together; empty for none
 */
public record CommitTerms(Precondition precondition, Lifetime lifetime, Optional<Digest256> group) {

  /** Whatever is there is replaced, and the object never expires. */
  public static final CommitTerms PLAIN =
      new CommitTerms(new Precondition.Anything(), new Lifetime.Endless(), Optional.empty());

  /** The same terms if there is no object. */
  public CommitTerms ifAbsent() {
    return new CommitTerms(new Precondition.Absent(), lifetime, group);
  }

  /** The same terms if there is one. */
  public CommitTerms ifPresent() {
    return new CommitTerms(new Precondition.Present(), lifetime, group);
  }

  /** The same terms if the object that is there is this version. */
  public CommitTerms ifVersion(long version) {
    return new CommitTerms(new Precondition.Version(version), lifetime, group);
  }

  /** The same terms with an object that ends at {@code millis} since 1970. */
  public CommitTerms expiringAt(long millis) {
    return new CommitTerms(precondition, new Lifetime.Until(millis), group);
  }

  /** The same terms with the expiry of the object that it replaces. */
  public CommitTerms keepingExpiry() {
    return new CommitTerms(precondition, new Lifetime.AsBefore(), group);
  }

  /**
   * The same terms for an object that lives and dies with others: when one of them is deleted, ends
   * or is lost, all are gone. Being replaced is no death.
   *
   * @param name any bytes, at most {@link ObjectSpace#MAX_NAME_BYTES}; of one tenant
   */
  public CommitTerms inGroup(byte[] name) {
    Checks.inRange(name.length, 0, ObjectSpace.MAX_NAME_BYTES, "bytes of a group's name");
    MessageDigest digest = Digest256.sha256();
    digest.update(name);
    return new CommitTerms(precondition, lifetime, Optional.of(Digest256.finish(digest)));
  }
}
