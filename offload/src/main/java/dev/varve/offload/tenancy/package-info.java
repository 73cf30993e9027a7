/** Whose blocks are stored: usage and quotas of tenants, expiry, pins and erasure. */
@NullMarked
package dev.varve.offload.tenancy;

import org.jspecify.annotations.NullMarked;
