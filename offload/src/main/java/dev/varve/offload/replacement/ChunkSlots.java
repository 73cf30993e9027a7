package dev.varve.offload.replacement;

import java.util.Arrays;

/**
 * The chunks present in one tier, as columns: 27 bytes each, beside 4 for their entry in the table
 * and 4 for a leaf. Columns grow by pages and lists by an eighth, so that little is vacant. A chunk
 * that is gone while children of it are present keeps its slot until the last of them is gone too.
 */
final class ChunkSlots {

  private static final int NO_SLOT = -1;
  private static final byte PRESENT = Byte.MIN_VALUE;

  private final SlotTable slots = new SlotTable(this::name);
  private SlotPage[] pages = {new SlotPage()};
  private int[] leaves = new int[64];
  private int leafCount;
  private int used;
  private int free = NO_SLOT;

  /** The slot of a chunk that is present, or -1. */
  int find(long chunk) {
    int slot = slots.get(chunk);
    return slot >= 0 && isPresent(slot) ? slot : NO_SLOT;
  }

  /** Enters a chunk that is not present; returns its slot. */
  int add(long chunk, long parentChunk) {
    int slot = slots.get(chunk);
    if (slot < 0) {
      slot = newSlot();
      SlotPage page = page(slot);
      int at = slot & SlotPage.MASK;
      page.name[at] = chunk;
      page.parent[at] = NO_SLOT;
      page.children[at] = 0;
      slots.put(chunk, slot);
    }
    page(slot).hits[slot & SlotPage.MASK] = PRESENT;
    if (page(slot).children[slot & SlotPage.MASK] == 0) {
      addLeaf(slot);
    }
    join(slot, parentChunk);
    return slot;
  }

  /** Ties a chunk to its parent, if it is not tied and the parent is present. */
  void join(int slot, long parentChunk) {
    if (joined(slot) || parentChunk == ReplacementPolicy.NONE) {
      return;
    }
    int above = find(parentChunk);
    if (above >= 0) {
      page(slot).parent[slot & SlotPage.MASK] = above;
      if (isLeaf(above)) {
        removeLeaf(above);
      }
      page(above).children[above & SlotPage.MASK]++;
      page(above).latestChild[above & SlotPage.MASK] = slot;
    }
  }

  /** Takes a chunk away. */
  void remove(int slot) {
    boolean leaf = isLeaf(slot);
    page(slot).hits[slot & SlotPage.MASK] = 0;
    if (leaf) {
      removeLeaf(slot);
      release(slot);
    }
  }

  private void release(int slot) {
    SlotPage page = page(slot);
    int at = slot & SlotPage.MASK;
    slots.remove(page.name[at]);
    int above = page.parent[at];
    page.parent[at] = free;
    free = slot;
    if (above != NO_SLOT && --page(above).children[above & SlotPage.MASK] == 0) {
      if (isPresent(above)) {
        addLeaf(above);
      } else {
        release(above);
      }
    }
  }

  void touch(int slot, int tick, int pastHits, int newClass) {
    SlotPage page = page(slot);
    int at = slot & SlotPage.MASK;
    page.touched[at] = tick;
    page.hits[at] = (byte) (PRESENT | Math.min(Byte.MAX_VALUE, pastHits));
    page.reuseClass[at] = (short) newClass;
  }

  long name(int slot) {
    return page(slot).name[slot & SlotPage.MASK];
  }

  int touched(int slot) {
    return page(slot).touched[slot & SlotPage.MASK];
  }

  int hits(int slot) {
    return page(slot).hits[slot & SlotPage.MASK] & Byte.MAX_VALUE;
  }

  int reuseClass(int slot) {
    return page(slot).reuseClass[slot & SlotPage.MASK];
  }

  /** The slot of the parent that a chunk is tied to, or -1. */
  int parent(int slot) {
    return page(slot).parent[slot & SlotPage.MASK];
  }

  /** Whether the slot's chunk is present and tied to a parent that is. */
  boolean joined(int slot) {
    return parent(slot) != NO_SLOT;
  }

  boolean isLeaf(int slot) {
    return slot >= 0 && slot < used && isPresent(slot) && childrenOf(slot) < 0;
  }

  /** The child that was tied last to a chunk, or -1 if it is gone. */
  int latestChild(int slot) {
    if (childrenOf(slot) <= 0) {
      return NO_SLOT;
    }
    int child = page(slot).latestChild[slot & SlotPage.MASK];
    boolean tied = isPresent(child) && page(child).parent[child & SlotPage.MASK] == slot;
    return tied ? child : NO_SLOT;
  }

  private int childrenOf(int slot) {
    return page(slot).children[slot & SlotPage.MASK];
  }

  boolean isPresent(int slot) {
    return page(slot).hits[slot & SlotPage.MASK] < 0;
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
      leaves = Arrays.copyOf(leaves, leafCount + leafCount / 8);
    }
    page(slot).children[slot & SlotPage.MASK] = ~leafCount;
    leaves[leafCount++] = slot;
  }

  /** Strikes a leaf, which has no children from here on and is no leaf. */
  private void removeLeaf(int slot) {
    int place = ~childrenOf(slot);
    int last = leaves[--leafCount];
    leaves[place] = last;
    page(last).children[last & SlotPage.MASK] = ~place;
    page(slot).children[slot & SlotPage.MASK] = 0;
  }

  private int newSlot() {
    if (free != NO_SLOT) {
      int slot = free;
      free = page(slot).parent[slot & SlotPage.MASK];
      return slot;
    }
    if (used == pages.length * SlotPage.SLOTS) {
      pages = Arrays.copyOf(pages, pages.length + 1 + pages.length / 8);
    }
    if ((used & SlotPage.MASK) == 0) {
      pages[used >>> SlotPage.BITS] = new SlotPage();
    }
    return used++;
  }

  private SlotPage page(int slot) {
    return pages[slot >>> SlotPage.BITS];
  }
}
