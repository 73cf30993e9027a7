/** In which encodings the tiers below HOT hold blocks, and who may read them. */
@NullMarked
package dev.varve.offload.variant;

import org.jspecify.annotations.NullMarked;
