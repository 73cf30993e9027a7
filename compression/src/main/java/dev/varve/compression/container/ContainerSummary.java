package dev.varve.compression.container;

/**
 * What a writer wrote.
 *
 * @param blocks blocks of all levels
 * @param attachments attachments
 * @param payloadBytes bytes of all payloads
 * @param fileBytes bytes of the whole file
 */
public record ContainerSummary(int blocks, int attachments, long payloadBytes, long fileBytes) {}
