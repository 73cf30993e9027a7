/** Whether a stored prefix is worth fetching: how fast tiers are, and what computing costs. */
@NullMarked
package dev.varve.offload.transfer;

import org.jspecify.annotations.NullMarked;
