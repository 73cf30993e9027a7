package dev.varve.sdk.internal;

import dev.varve.store.Chunk;
import dev.varve.store.Digest256;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who of a batch of sessions shares which sealed chunks: the tree that their chains make, as an
 * order of the sessions in which those below any branch stand side by side, and the number of
 * chunks that each has in common with the one before it. Chain keys tell everything: where two
 * chains have the same key, they are the same up to there. For one thread at a time; allocates only
 * for a larger batch than every one before.
 */
final class BatchPlan {

  private @Nullable SharedBlocks[] members = {};
  private int[] order = {};
  private int[] common = {};
  private int count;

  /** Plans for these sessions. */
  void of(List<SharedBlocks> sessions) {
    count = sessions.size();
    if (order.length < count) {
      members = new SharedBlocks[count];
      order = new int[count];
      common = new int[count];
    }
    for (int i = 0; i < count; i++) {
      SharedBlocks next = sessions.get(i);
      int place = i;
      while (place > 0 && compare(member(place - 1), next) > 0) {
        members[place] = members[place - 1];
        order[place] = order[place - 1];
        place--;
      }
      members[place] = next;
      order[place] = i;
    }
    for (int place = 0; place < count; place++) {
      common[place] = place == 0 ? 0 : common(member(place - 1), member(place));
    }
  }

  /** Sessions planned for. */
  int count() {
    return count;
  }

  /** Which of the sessions stands at {@code place}. */
  int session(int place) {
    return order[place];
  }

  SharedBlocks member(int place) {
    SharedBlocks member = members[place];
    if (place >= count || member == null) {
      throw new IndexOutOfBoundsException(place);
    }
    return member;
  }

  /** Chunks that the session at {@code place} has in common with the one before it. */
  int common(int place) {
    return common[place];
  }

  /** Chunks of the longest chain. */
  int deepest() {
    int deepest = 0;
    for (int place = 0; place < count; place++) {
      deepest = Math.max(deepest, member(place).sealed());
    }
    return deepest;
  }

  /** End of the places, from {@code place} on, whose chunk {@code depth} is the same. */
  int end(int place, int depth) {
    int end = place + 1;
    while (end < count && common[end] > depth) {
      end++;
    }
    return end;
  }

  private static int common(SharedBlocks a, SharedBlocks b) {
    int low = 0;
    int high = Math.min(a.sealed(), b.sealed());
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (same(a.chunk(middle - 1), b.chunk(middle - 1))) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private static boolean same(Chunk a, Chunk b) {
    return a == b || a.key().equals(b.key());
  }

  private static int compare(SharedBlocks a, SharedBlocks b) {
    int common = common(a, b);
    if (common == a.sealed() || common == b.sealed()) {
      return Integer.compare(a.sealed(), b.sealed());
    }
    Digest256 one = a.chunk(common).key().chain().digest();
    Digest256 other = b.chunk(common).key().chain().digest();
    int first = Long.compare(one.first(), other.first());
    return first != 0 ? first : Long.compare(one.second(), other.second());
  }
}
