package dev.varve.sdk.forgetting;

import dev.varve.store.Encoding;
import java.util.Objects;

/**
 * Tokens of a layer that all of its heads keep in few bits: the second precision class of ZipVL.
 *
 * @param encoding of the class
 * @param rows indexes in the history of every head, ascending; the heads hold the same tokens there
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; borrowed until it is applied
public record CodedTokens(Encoding encoding, int[] rows) {

  public CodedTokens {
    Objects.requireNonNull(encoding, "encoding");
    rows = rows.clone();
    for (int i = 1; i < rows.length; i++) {
      if (rows[i] <= rows[i - 1]) {
        throw new IllegalArgumentException(
            "rows kept in few bits must ascend: row " + rows[i] + " follows row " + rows[i - 1]);
      }
    }
  }
}
