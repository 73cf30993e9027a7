package dev.varve.sdk.attention;

/**
 * What a {@link SelectionService} holds and has done.
 *
 * @param indices that it holds, each of one layer of one context
 * @param bytes of them
 * @param limit most bytes
 * @param found requests that found an index of all their chunks
 * @param built requests that built one, or went on building
 * @param dropped indices that had to make room, or whose context is gone
 */
public record SelectionUsage(
    int indices, long bytes, long limit, long found, long built, long dropped) {}
