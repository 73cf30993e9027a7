package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class VarvePolicyTest {

  @Test
  void neverEvictsAParentBeforeItsChildren() {
    for (long seed = 1; seed <= 20; seed++) {
      Requests requests = new Requests(PolicyKind.VARVE, 50);
      RandomPrompts prompts = new RandomPrompts(seed);
      for (int i = 0; i < 500; i++) {
        requests.request(prompts.next());
        assertThat(requests.orphans()).as("seed %d, request %d", seed, i).isEmpty();
      }
    }
  }

  @Test
  void refusesTheEndOfAPromptThatDoesNotFit() {
    Requests requests = new Requests(PolicyKind.VARVE, 3);

    requests.request(1, 2, 3, 4, 5);

    assertThat(requests.present()).containsExactlyInAnyOrder(1L, 2L, 3L);
    assertThat(requests.evicted()).containsExactly(4L, 5L);
  }

  @Test
  void rejoinsAParentThatWasRemovedUnderItsChild() {
    Requests requests = new Requests(PolicyKind.VARVE, 10);
    requests.request(1, 2, 3);
    requests.remove(2);
    requests.request(1, 2, 3);

    requests.drain();

    assertThat(requests.evicted()).containsExactly(3L, 2L, 1L);
  }

  @Test
  void dropsAChunkWithoutItsParentFirst() {
    ReplacementPolicy policy = new VarvePolicy();
    policy.begin(0, new long[] {1});
    policy.admitted(new Visit(1, ReplacementPolicy.NONE, true, 1));
    policy.admitted(new Visit(7, 6, true, 1));
    policy.admitted(new Visit(2, ReplacementPolicy.NONE, true, 1));

    assertThat(policy.evict()).isEqualTo(7);
  }

  @Test
  void learnsThatConversationsComeBackAndOneTimePromptsDoNot() {
    Requests requests = new Requests(PolicyKind.VARVE, 40);
    int hits = converse(requests, 400);

    Requests lru = new Requests(PolicyKind.LRU, 40);
    int lruHits = converse(lru, 400);

    assertThat(hits).isGreaterThan(2 * lruHits);
  }

  /** Two-chunk prompts that come back every 10 rounds among long ones that never do; hits found. */
  private static int converse(Requests requests, int rounds) {
    int hits = 0;
    long fresh = 1000;
    for (int round = 0; round < rounds; round++) {
      long chat = 2L * (round % 10);
      hits += requests.request(chat, chat + 1);
      long[] once = new long[8];
      for (int i = 0; i < once.length; i++) {
        once[i] = fresh++;
      }
      hits += requests.request(once);
    }
    return hits;
  }

  @Test
  void letsAConversationThatIsGivenUpLeaveAsAWhole() {
    int prompts = 2000;
    int length = 4;
    VarvePolicy policy = new VarvePolicy();
    for (int prompt = 0; prompt < prompts; prompt++) {
      enter(policy, prompt, length);
    }

    for (int i = 0; i < prompts / 2; i++) {
      long end = policy.evict();
      assertThat(end % length).isEqualTo(length - 1);
      for (long chunk = end - 1; chunk > end - length; chunk--) {
        assertThat(policy.evict()).as("after %d", chunk + 1).isEqualTo(chunk);
      }
    }
  }

  private static void enter(VarvePolicy policy, int prompt, int length) {
    long first = (long) prompt * length;
    policy.begin(0, LongStream.range(first, first + length).toArray());
    long parent = ReplacementPolicy.NONE;
    for (long chunk = first; chunk < first + length; chunk++) {
      policy.admitted(new Visit(chunk, parent, true, 1));
      parent = chunk;
    }
  }

  @Test
  void marksTheBranchThatAPromptLeavesBehind() {
    ChunkSlots slots = new ChunkSlots();
    int root = slots.add(1, ReplacementPolicy.NONE);
    int old = slots.add(2, 1);
    int end = slots.add(3, 2);
    assertThat(slots.latestChild(root)).isEqualTo(old);
    assertThat(slots.latestChild(old)).isEqualTo(end);
    assertThat(slots.latestChild(end)).isNegative();

    int fresh = slots.add(4, 1);
    assertThat(slots.latestChild(root)).isEqualTo(fresh);

    slots.remove(fresh);
    assertThat(slots.latestChild(root)).isNegative();
  }

  @Test
  void survivesAClockThatRunsBackwards() {
    VarvePolicy policy = new VarvePolicy();
    for (int i = 0; i < 200; i++) {
      policy.begin(1_000_000L - 5000L * i, new long[] {i});
      policy.admitted(new Visit(i, ReplacementPolicy.NONE, true, 1));
    }

    assertThat(List.of(policy.evict(), policy.evict())).doesNotHaveDuplicates();
  }
}
