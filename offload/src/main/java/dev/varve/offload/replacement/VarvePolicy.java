package dev.varve.offload.replacement;

import java.util.NoSuchElementException;

/**
 * Keeps the chunks whose room is worth most: of a few leaves of the prefix tree, drawn at random,
 * the chunk entered last, the runner-up of the choice before and the parent of the chunk that left
 * then, the one worth least leaves. So a conversation that is given up leaves from its end on, not
 * when the lot happens to fall on it again. A parent never leaves before its children, so what is
 * present of a prompt is always a prefix. Worth is learnt while running, see {@link
 * ReuseEstimates}; nothing is configured.
 *
 * <p>State: 23 bytes for each chunk, 4 more for a leaf, 5 in a table, and a bounded number of
 * {@link Ghosts} which tell how chunks that left would have fared. The draw is seeded: equal calls
 * give equal answers.
 */
public final class VarvePolicy implements ReplacementPolicy {

  private static final int SAMPLE = 24;
  private static final int REQUESTS_PER_FIT = 32;
  private static final int WAITING_SAMPLE = 4096;
  private static final int MOST_HITS_OF_A_FORK = 3;
  private static final int NOTHING = -1;

  private final ReuseEstimates estimates = new ReuseEstimates();
  private final ChunkSlots slots = new ChunkSlots();
  private final Ghosts ghosts = new Ghosts(estimates);
  private long seed = 0x9E3779B97F4A7C15L;
  private long origin = Long.MIN_VALUE;
  private int now;
  private int prompt;
  private int requests;
  private int newest = NOTHING;
  private int victim = NOTHING;
  private int runnerUp = NOTHING;
  private int parentOfVictim = NOTHING;
  private double worthOfVictim;
  private double worthOfRunnerUp;

  @Override
  public void begin(long millis, long[] chunks) {
    if (origin == Long.MIN_VALUE) {
      origin = millis;
    }
    now = Math.max(now, AgeBins.ticks(millis - origin));
    int known = known(chunks);
    prompt = ReuseClass.prompt(chunks.length, known);
    if (known > 1 && known < chunks.length) {
      leaveBehind(slots.find(chunks[known - 1]));
    }
    if (++requests % REQUESTS_PER_FIT == 0) {
      fit();
    }
  }

  private int known(long[] chunks) {
    int known = 0;
    while (known < chunks.length
        && (slots.find(chunks[known]) >= 0 || ghosts.find(chunks[known]) >= 0)) {
      known++;
    }
    return known;
  }

  /**
   * A prompt branches off below this chunk: the branch taken before is unlikely to be asked for
   * again. A chunk that was asked for more often is taken as shared by conversations, of which each
   * may still go on.
   */
  private void leaveBehind(int fork) {
    if (fork < 0 || slots.hits(fork) > MOST_HITS_OF_A_FORK) {
      return;
    }
    int slot = slots.latestChild(fork);
    while (slot >= 0 && slots.reuseClass(slot) < ReuseClass.PARTIAL) {
      int touched = slots.touched(slot);
      estimates.lost(slots.reuseClass(slot), now - touched);
      slots.touch(slot, touched, slots.hits(slot), ReuseClass.LEFT_BEHIND);
      slot = slots.latestChild(slot);
    }
  }

  @Override
  public void hit(Visit visit) {
    int slot = slots.find(visit.chunk());
    if (slot < 0) {
      admitted(visit);
      return;
    }
    estimates.hit(slots.reuseClass(slot), now - slots.touched(slot));
    slots.join(slot, visit.parent());
    touch(slot, visit, slots.hits(slot) + 1);
  }

  @Override
  public void admitted(Visit visit) {
    if (slots.find(visit.chunk()) >= 0) {
      hit(visit);
      return;
    }
    int hits = 0;
    int ghost = ghosts.find(visit.chunk());
    if (ghost >= 0) {
      estimates.hit(ghosts.reuseClass(ghost), now - ghosts.touched(ghost));
      hits = ghosts.hits(ghost) + 1;
      ghosts.remove(ghost);
    }
    newest = slots.add(visit.chunk(), visit.parent());
    touch(newest, visit, hits);
  }

  private void touch(int slot, Visit visit, int hits) {
    boolean useless = visit.parent() != NONE && !slots.joined(slot);
    int reuseClass = useless ? ReuseClass.ORPHAN : ReuseClass.of(prompt, hits, visit.whole());
    slots.touch(slot, now, hits, reuseClass);
  }

  @Override
  public long evict() {
    int former = runnerUp;
    victim = NOTHING;
    runnerUp = NOTHING;
    reconsider(newest);
    reconsider(parentOfVictim);
    reconsider(former);
    int leaves = slots.leafCount();
    for (int i = 0; i < Math.min(SAMPLE, leaves); i++) {
      consider(slots.leaf(leaves <= SAMPLE ? i : draw(leaves)));
    }
    if (victim == NOTHING) {
      throw new NoSuchElementException("no chunk is present");
    }
    long chunk = slots.name(victim);
    ghosts.add(slots, victim, now);
    parentOfVictim = slots.parent(victim);
    slots.remove(victim);
    return chunk;
  }

  /** Considers a slot from before, which may have got children or another chunk, or be vacant. */
  private void reconsider(int slot) {
    if (slots.isLeaf(slot)) {
      consider(slot);
    }
  }

  private void consider(int slot) {
    if (slot == victim || slot == runnerUp) {
      return;
    }
    double worth = worth(slot);
    if (leavesBefore(slot, worth, victim, worthOfVictim)) {
      runnerUp = victim;
      worthOfRunnerUp = worthOfVictim;
      victim = slot;
      worthOfVictim = worth;
    } else if (leavesBefore(slot, worth, runnerUp, worthOfRunnerUp)) {
      runnerUp = slot;
      worthOfRunnerUp = worth;
    }
  }

  private boolean leavesBefore(int slot, double worth, int other, double worthOfOther) {
    return other == NOTHING
        || worth < worthOfOther
        || (worth == worthOfOther && slots.touched(slot) < slots.touched(other));
  }

  private double worth(int slot) {
    return estimates.worth(slots.reuseClass(slot), now - slots.touched(slot));
  }

  /** A number in {@code [0, bound)}: Marsaglia's xorshift. */
  private int draw(int bound) {
    seed ^= seed << 13;
    seed ^= seed >>> 7;
    seed ^= seed << 17;
    return (int) (((seed >>> 32) * bound) >>> 32);
  }

  @Override
  public void removed(long chunk) {
    int slot = slots.find(chunk);
    if (slot >= 0) {
      estimates.lost(slots.reuseClass(slot), now - slots.touched(slot));
      slots.remove(slot);
    }
  }

  private void fit() {
    estimates.startFit();
    int tracked = slots.used() + ghosts.used();
    int step = 1 + tracked / WAITING_SAMPLE;
    for (int i = draw(step); i < tracked; i += step) {
      countWaiting(i, step);
    }
    estimates.fit();
  }

  private void countWaiting(int index, int weight) {
    if (index < slots.used()) {
      if (slots.isPresent(index)) {
        estimates.waits(slots.reuseClass(index), now - slots.touched(index), weight);
      }
      return;
    }
    int place = index - slots.used();
    if (ghosts.isPresent(place)) {
      estimates.waits(ghosts.reuseClass(place), now - ghosts.touched(place), weight);
    }
  }
}
