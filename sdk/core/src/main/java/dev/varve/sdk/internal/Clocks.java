package dev.varve.sdk.internal;

import java.util.function.LongSupplier;

/**
 * Where time comes from.
 *
 * @param nanoTime as of {@link System#nanoTime}, for measuring
 * @param millis since 1970, for expiry
 */
public record Clocks(LongSupplier nanoTime, LongSupplier millis) {}
