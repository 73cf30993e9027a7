package dev.varve.offload.replacement;

import java.util.Arrays;

/**
 * The chunks present in one tier, as columns: 8 bytes of name and 20 of state each, beside their
 * entry in the table. A chunk that is gone while children of it are present keeps its slot until
 * the last of them is gone too.
 */
final class ChunkSlots {

  private static final int NO_SLOT = -1;

  private final LongTable slots = new LongTable();
  private long[] name = new long[64];
  private int[] parent = new int[64];
  private int[] children = new int[64];

  /** Of a leaf its index in {@link #leaves}; of a chunk with children the one tied last. */
  private int[] leafPlaceOrChild = new int[64];

  private int[] touched = new int[64];
  private short[] reuseClass = new short[64];
  private byte[] hits = new byte[64];
  private boolean[] present = new boolean[64];
  private int[] leaves = new int[64];
  private int leafCount;
  private int used;
  private int free = NO_SLOT;

  /** The slot of a chunk that is present, or -1. */
  int find(long chunk) {
    int slot = slots.get(chunk);
    return slot >= 0 && present[slot] ? slot : NO_SLOT;
  }

  /** Enters a chunk that is not present; returns its slot. */
  int add(long chunk, long parentChunk) {
    int slot = slots.get(chunk);
    if (slot < 0) {
      slot = newSlot();
      slots.put(chunk, slot);
      name[slot] = chunk;
      parent[slot] = NO_SLOT;
      children[slot] = 0;
    }
    present[slot] = true;
    if (children[slot] == 0) {
      addLeaf(slot);
    }
    join(slot, parentChunk);
    return slot;
  }

  /** Ties a chunk to its parent, if it is not tied and the parent is present. */
  void join(int slot, long parentChunk) {
    if (parent[slot] != NO_SLOT || parentChunk == ReplacementPolicy.NONE) {
      return;
    }
    int above = find(parentChunk);
    if (above >= 0) {
      parent[slot] = above;
      if (children[above]++ == 0) {
        removeLeaf(above);
      }
      leafPlaceOrChild[above] = slot;
    }
  }

  /** Takes a chunk away. */
  void remove(int slot) {
    present[slot] = false;
    if (children[slot] == 0) {
      removeLeaf(slot);
      release(slot);
    }
  }

  private void release(int slot) {
    slots.remove(name[slot]);
    int above = parent[slot];
    parent[slot] = free;
    free = slot;
    if (above != NO_SLOT && --children[above] == 0) {
      if (present[above]) {
        addLeaf(above);
      } else {
        release(above);
      }
    }
  }

  void touch(int slot, int tick, int pastHits, int newClass) {
    touched[slot] = tick;
    hits[slot] = (byte) Math.min(Byte.MAX_VALUE, pastHits);
    reuseClass[slot] = (short) newClass;
  }

  long name(int slot) {
    return name[slot];
  }

  int touched(int slot) {
    return touched[slot];
  }

  int hits(int slot) {
    return hits[slot];
  }

  int reuseClass(int slot) {
    return reuseClass[slot];
  }

  /** Whether the slot's chunk is present and tied to a parent that is. */
  boolean joined(int slot) {
    return parent[slot] != NO_SLOT;
  }

  boolean isLeaf(int slot) {
    return slot >= 0 && slot < used && present[slot] && children[slot] == 0;
  }

  /** The child that was tied last to a chunk, or -1 if it is gone. */
  int latestChild(int slot) {
    if (children[slot] == 0) {
      return NO_SLOT;
    }
    int child = leafPlaceOrChild[slot];
    return present[child] && parent[child] == slot ? child : NO_SLOT;
  }

  boolean isPresent(int slot) {
    return present[slot];
  }

  /** Slots handed out so far, vacant ones included. */
  int used() {
    return used;
  }

  int leafCount() {
    return leafCount;
  }

  /** The slot of a present chunk without children, for {@code index < leafCount()}. */
  int leaf(int index) {
    return leaves[index];
  }

  private void addLeaf(int slot) {
    if (leafCount == leaves.length) {
      leaves = Arrays.copyOf(leaves, 2 * leafCount);
    }
    leafPlaceOrChild[slot] = leafCount;
    leaves[leafCount++] = slot;
  }

  private void removeLeaf(int slot) {
    int last = leaves[--leafCount];
    leaves[leafPlaceOrChild[slot]] = last;
    leafPlaceOrChild[last] = leafPlaceOrChild[slot];
  }

  private int newSlot() {
    if (free != NO_SLOT) {
      int slot = free;
      free = parent[slot];
      return slot;
    }
    if (used == name.length) {
      grow(2 * used);
    }
    return used++;
  }

  private void grow(int length) {
    name = Arrays.copyOf(name, length);
    parent = Arrays.copyOf(parent, length);
    children = Arrays.copyOf(children, length);
    leafPlaceOrChild = Arrays.copyOf(leafPlaceOrChild, length);
    touched = Arrays.copyOf(touched, length);
    reuseClass = Arrays.copyOf(reuseClass, length);
    hits = Arrays.copyOf(hits, length);
    present = Arrays.copyOf(present, length);
  }
}
