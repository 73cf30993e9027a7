package dev.varve.store.remote;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.BlockTarget;
import dev.varve.store.BlockTier;
import dev.varve.store.ChunkKey;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.Tier;
import dev.varve.store.TierListener;
import dev.varve.store.TierUsage;
import dev.varve.store.internal.Targets;
import dev.varve.store.internal.TierGate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The REMOTE tier: blocks in a Valkey or Redis that other processes fill and empty, too. So it
 * lists nothing: who wants to know what is there asks for it by name ({@link #find}). Whatever goes
 * wrong on the way is a miss, or a block that was not stored, and is counted; nothing throws for
 * it. Thread-safe.
 *
 * <p>Every block is checked: header, full key, length and CRC32C. It is copied over the heap.
 */
public final class RemoteTier implements BlockTier {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteTier.class);
  private static final ReadOutcome ABSENT = new ReadOutcome.Absent();

  /** Bytes that are on their way at once. */
  private static final long BATCH_BYTES = 8L << 20;

  /** The server has its own limit, which nobody here knows. */
  private static final long CAPACITY = Long.MAX_VALUE >> 2;

  private final RemoteLink link;
  private final RemoteCounters counters;
  private final TierGate gate = new TierGate("remote tier");
  private final LongAdder blocks = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  RemoteTier(RemoteLink link, RemoteCounters counters) {
    this.link = link;
    this.counters = counters;
  }

  @Override
  public Tier tier() {
    return Tier.REMOTE;
  }

  /**
   * Stores blocks in order until one is not taken, for whatever reason. A block that is held is
   * written again, and lives as long as a new one.
   */
  @Override
  public int put(List<EncodedBlock> wanted) {
    try (var _ = gate.enterToChange()) {
      int done = 0;
      while (done < wanted.size()) {
        List<EncodedBlock> batch = batch(wanted, done);
        int stored = write(batch);
        done += stored;
        if (stored < batch.size()) {
          return done;
        }
      }
      return done;
    }
  }

  private static List<EncodedBlock> batch(List<EncodedBlock> wanted, int from) {
    long sum = 0;
    int to = from;
    while (to < wanted.size() && (to == from || sum < BATCH_BYTES)) {
      sum += wanted.get(to).header().payloadBytes();
      to++;
    }
    return wanted.subList(from, to);
  }

  private int write(List<EncodedBlock> batch) {
    List<RemoteLink.Question<Boolean>> questions = new ArrayList<>();
    for (EncodedBlock block : batch) {
      BlockKey key = block.header().key();
      byte[] frame = BlockFrame.of(block);
      questions.add(
          commands -> commands.hset(RemoteKeys.chunk(key.chunk()), RemoteKeys.block(key), frame));
    }
    List<Answer<Boolean>> answers = link.askAll(questions);
    int stored = 0;
    while (stored < batch.size() && answers.get(stored).reached()) {
      int payload = batch.get(stored).header().payloadBytes();
      counters.wrote(payload);
      if (answers.get(stored).value().orElse(false)) {
        blocks.increment();
        bytes.add(payload);
      }
      stored++;
    }
    refresh(batch.subList(0, stored));
    return stored;
  }

  /** A chunk lives from its last block on. */
  private void refresh(List<EncodedBlock> written) {
    long millis = link.config().timeToLive().toMillis();
    List<RemoteLink.Question<Boolean>> questions = new ArrayList<>();
    written.stream()
        .map(block -> block.header().key().chunk())
        .distinct()
        .forEach(
            chunk -> questions.add(commands -> commands.pexpire(RemoteKeys.chunk(chunk), millis)));
    link.askAll(questions);
  }

  @Override
  public ReadOutcome read(BlockKey key, MemorySegment target) {
    return readAll(List.of(new BlockTarget(key, target))).getFirst();
  }

  /** All with one round trip for some megabytes. */
  @Override
  public List<ReadOutcome> readAll(List<BlockTarget> wanted) {
    try (var _ = gate.enterToRead()) {
      List<ReadOutcome> outcomes = new ArrayList<>();
      for (int from = 0; from < wanted.size(); ) {
        List<BlockTarget> batch = targets(wanted, from);
        List<Answer<byte[]>> answers = fetch(batch.stream().map(BlockTarget::key).toList());
        for (int i = 0; i < batch.size(); i++) {
          BlockTarget one = batch.get(i);
          outcomes.add(
              judge(
                  one.key(),
                  answers.get(i),
                  (header, payload) ->
                      Targets.front(one.target(), header.payloadBytes()).copyFrom(payload)));
        }
        from += batch.size();
      }
      return outcomes;
    }
  }

  private static List<BlockTarget> targets(List<BlockTarget> wanted, int from) {
    long sum = 0;
    int to = from;
    while (to < wanted.size() && (to == from || sum < BATCH_BYTES)) {
      sum += wanted.get(to).target().byteSize();
      to++;
    }
    return wanted.subList(from, to);
  }

  private List<Answer<byte[]>> fetch(List<BlockKey> keys) {
    List<RemoteLink.Question<byte[]>> questions = new ArrayList<>();
    for (BlockKey key : keys) {
      questions.add(
          commands -> commands.hget(RemoteKeys.chunk(key.chunk()), RemoteKeys.block(key)));
    }
    return link.askAll(questions);
  }

  @Override
  public ReadOutcome with(BlockKey key, BlockReader reader) {
    try (var _ = gate.enterToRead();
        Arena call = Arena.ofConfined()) {
      return judge(
          key,
          fetch(List.of(key)).getFirst(),
          (header, payload) ->
              reader.read(
                  header, call.allocate(payload.byteSize()).copyFrom(payload).asReadOnly()));
    }
  }

  private ReadOutcome judge(BlockKey key, Answer<byte[]> answer, BlockReader reader) {
    if (answer.value().isEmpty()) {
      counters.misses.add(answer.reached() ? 1 : 0);
      return ABSENT;
    }
    return switch (BlockFrame.read(answer.value().get(), key)) {
      case BlockFrame.Reading.Sound(BlockHeader header, MemorySegment payload) -> {
        reader.read(header, payload);
        counters.hit(payload.byteSize());
        yield new ReadOutcome.Found(header);
      }
      case BlockFrame.Reading.Other() -> {
        counters.misses.increment();
        yield ABSENT;
      }
      case BlockFrame.Reading.Refused(String reason) -> {
        counters.damaged.increment();
        LOG.error("remote tier: {} is damaged: {}", key, reason);
        yield new ReadOutcome.Damaged(reason);
      }
    };
  }

  /**
   * Which blocks of these chunks the servers name, asked in one round trip. Nothing of them is
   * checked before it is read.
   *
   * @return for each of {@code chunks} its blocks; none if there are none, or nobody answers
   */
  public List<List<BlockKey>> find(List<ChunkKey> chunks) {
    try (var _ = gate.enterToRead()) {
      List<RemoteLink.Question<List<byte[]>>> questions = new ArrayList<>();
      for (ChunkKey chunk : chunks) {
        questions.add(commands -> commands.hkeys(RemoteKeys.chunk(chunk)));
      }
      List<Answer<List<byte[]>>> answers = link.askAll(questions);
      List<List<BlockKey>> found = new ArrayList<>();
      for (int i = 0; i < chunks.size(); i++) {
        ChunkKey chunk = chunks.get(i);
        List<byte[]> fields = answers.get(i).value().orElse(List.of());
        found.add(fields.stream().flatMap(each -> RemoteKeys.block(chunk, each).stream()).toList());
      }
      return found;
    }
  }

  /** Removes blocks for everybody; what nobody answers for may stay. */
  @Override
  public int remove(Collection<BlockKey> keys) {
    try (var _ = gate.enterToChange()) {
      Map<ChunkKey, List<byte[]>> fields = new LinkedHashMap<>();
      for (BlockKey key : keys) {
        fields.computeIfAbsent(key.chunk(), _ -> new ArrayList<>()).add(RemoteKeys.block(key));
      }
      List<RemoteLink.Question<Long>> questions = new ArrayList<>();
      fields.forEach((chunk, names) ->
          questions.add(
              commands -> commands.hdel(RemoteKeys.chunk(chunk), names.toArray(byte[][]::new))));
      return link.askAll(questions).stream()
          .mapToInt(answer -> Math.toIntExact(answer.value().orElse(0L)))
          .sum();
    }
  }

  /** Nothing: the server frees room by itself. */
  @Override
  public List<BlockKey> reclaimable(long wanted) {
    return List.of();
  }

  /** Shows nothing: what is there is asked for by name. */
  @Override
  public void forEach(Consumer<BlockHeader> consumer) {}

  /** What others do here nobody could tell; so it counts for no tenant. */
  @Override
  public void listen(TierListener listener) {}

  /** Counts what this process added since it began. */
  @Override
  public TierUsage usage() {
    try (var _ = gate.enterToRead()) {
      return new TierUsage(blocks.sum(), bytes.sum(), bytes.sum(), CAPACITY);
    }
  }

  @Override
  public long footprint(int payloadBytes) {
    return payloadBytes;
  }

  @Override
  public void close() {
    gate.close(link::close);
  }
}
