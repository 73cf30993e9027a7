package dev.varve.sidecar.resp;

import dev.varve.store.Checks;

/**
 * How large a request may be.
 *
 * @param inlineBytes longest line: an inline command, a length
 * @param arguments most arguments of a request
 * @param bulkBytes longest argument
 * @param requestBytes most memory of one request, {@link #ARGUMENT_OVERHEAD} a piece included
 */
public record RespLimits(int inlineBytes, int arguments, long bulkBytes, long requestBytes) {

  /** Longest argument by default, as Redis has it. */
  public static final long DEFAULT_BULK_BYTES = 512L << 20;

  /** What is allowed before a password was given, as Redis has it. */
  public static final RespLimits STRANGER = new RespLimits(1 << 16, 10, 1 << 14, 1 << 18);

  /** Heap that an argument takes beside its bytes. */
  public static final int ARGUMENT_OVERHEAD = 64;

  public RespLimits {
    Checks.positive(inlineBytes, "inline bytes");
    Checks.positive(arguments, "arguments");
    Checks.positive(bulkBytes, "bulk bytes");
    Checks.positive(requestBytes, "request bytes");
  }

  /** The usual limits, with these for one argument and for a request. */
  public static RespLimits of(long bulkBytes, long requestBytes) {
    return new RespLimits(1 << 16, 1 << 20, bulkBytes, requestBytes);
  }
}
