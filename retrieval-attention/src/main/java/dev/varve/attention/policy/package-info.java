/** Retrieval policies as values, and their text form ({@code docs/policy.md}). */
@NullMarked
package dev.varve.attention.policy;

import org.jspecify.annotations.NullMarked;
