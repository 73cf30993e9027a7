/**
 * Elements rounded to few bits: integers in groups that share a scale, and 8-bit floats.
 *
 * <p>Rules for its loops over vectors, so that the compiler makes the same of them whatever ran
 * before in the process:
 *
 * <ul>
 *   <li>No method takes or returns a vector, and none lives from one round of a loop to the next:
 *       where the compiler does not inline the one, or does not know the exact class of the other,
 *       it puts vectors into objects.
 *   <li>A method with such a loop has more than the 325 bytes of bytecode up to which the compiler
 *       inlines, by rounds of several vectors or by a loop for each length of group. So it is
 *       compiled alone and never stands so deep within its callers that what it calls itself is no
 *       longer inlined.
 *   <li>What was converted to bytes goes into an array, not straight to memory: that loop halves
 *       its rate once the process has stored bytes in vectors of another width.
 * </ul>
 */
@NullMarked
package dev.varve.compression.quantize;

import org.jspecify.annotations.NullMarked;
