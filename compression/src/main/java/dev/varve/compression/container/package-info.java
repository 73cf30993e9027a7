/**
 * The {@code .varve} file: the encoded blocks of one context, each found by layer, chunk and level,
 * with all that is needed to give them back. {@link
 * dev.varve.compression.container.ContainerWriter} writes one as a stream, {@link
 * dev.varve.compression.container.ContainerFile} reads one through a memory mapping. The bytes are
 * specified in {@code docs/formats/container.md}.
 */
@NullMarked
package dev.varve.compression.container;

import org.jspecify.annotations.NullMarked;
