package dev.varve.cli.pack;

import dev.varve.compression.error.AttentionError;
import dev.varve.store.Encoding;

/**
 * What an encoding does to one layer.
 *
 * @param layer the layer
 * @param encoding what it is written in
 * @param bytes bytes of all its blocks in a container, estimated from the sample
 * @param error difference as queries see it
 * @param realQueries whether the queries are those of the run, else sampled from the keys
 */
record LayerMeasure(
    int layer, Encoding encoding, long bytes, AttentionError error, boolean realQueries) {

  /** The figure that a limit on the error is held against. */
  double judged() {
    return realQueries ? error.output() : error.keys();
  }
}
