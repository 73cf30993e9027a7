package dev.varve.store;

/**
 * Told of every block that a tier begins to hold and ceases to hold, right after it does, on the
 * thread that changes the tier. Must be quick, must not throw and must not call the tier.
 */
public interface TierListener {

  /** Hears nothing. */
  TierListener NONE =
      new TierListener() {
        @Override
        public void entered(BlockHeader header) {}

        @Override
        public void left(BlockHeader header) {}
      };

  /** The tier holds this block from now on. */
  void entered(BlockHeader header);

  /** The tier holds this block no more, for whatever reason. */
  void left(BlockHeader header);
}
