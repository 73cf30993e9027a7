/**
 * What a retrieval policy looks up: summaries of the keys of one layer that grow as blocks seal,
 * and answer which tokens the queries of a step should read.
 */
@NullMarked
package dev.varve.attention.index;

import org.jspecify.annotations.NullMarked;
