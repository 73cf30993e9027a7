package dev.varve.store.remote;

import dev.varve.store.Digest256;
import dev.varve.store.object.ObjectInfo;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * An object that a remote store names.
 *
 * @param info length and end; the version is that of the process that stored it
 * @param group digest of a name that objects share which live and die together
 * @param writer number of who wrote its extents
 * @param inline its bytes, on the heap, if it has no extents
 */
public record RemoteObject(
    ObjectInfo info, Optional<Digest256> group, long writer, Optional<MemorySegment> inline) {}
