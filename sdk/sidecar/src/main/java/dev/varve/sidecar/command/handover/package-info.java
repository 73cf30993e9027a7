/** Commands by which a client of this machine maps a memory file and leases what lies in it. */
@NullMarked
package dev.varve.sidecar.command.handover;

import org.jspecify.annotations.NullMarked;
