package dev.varve.store.kernel;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How stored elements lie in memory: little-endian, at any address. */
public final class DtypeLayouts {
  /** A stored 32-bit element. */
  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A stored 16-bit element. */
  public static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private DtypeLayouts() {}
}
