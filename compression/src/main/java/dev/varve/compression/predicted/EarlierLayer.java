package dev.varve.compression.predicted;

import dev.varve.store.BlockGeometry;
import dev.varve.store.RopeSpec;

/**
 * A layer whose decoded blocks another layer is predicted from.
 *
 * @param geometry its blocks, of as many tokens as those of the other
 * @param rope how its keys are turned
 */
public record EarlierLayer(BlockGeometry geometry, RopeSpec rope) {}
