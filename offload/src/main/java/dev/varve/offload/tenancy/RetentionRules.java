package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long chunks are kept: expiry, pins, and what was erased. Thread-safe. What must outlive the
 * process stands in a journal, a change before whatever depends on it: the expiry of a chunk before
 * its first block lies in a durable tier, an erased chunk before the erasure returns.
 */
public final class RetentionRules {

  private static final int RECORDS_AT_ONCE = 4096;

  private final ChunkCatalog catalog;
  private final LongSupplier millis;
  private final LifetimeConfig lifetimes;
  private final RetentionLog log;
  private final Expiries expiries;
  private final Pins pins;
  private final Erasures erasures;

  /**
   * @param lifetimes with a limit of pinned bytes; without one nothing may be pinned
   * @param millis since 1970
   */
  RetentionRules(
      ChunkCatalog catalog,
      LongSupplier millis,
      LifetimeConfig lifetimes,
      Journal journal,
      Expiries expiries) {
    this.catalog = catalog;
    this.millis = millis;
    this.lifetimes = lifetimes;
    this.log = new RetentionLog(journal);
    this.expiries = expiries;
    this.pins = new Pins(catalog, lifetimes.pinnedBytes().orElse(0), log);
    this.erasures = new Erasures(catalog, log, pins);
  }

  /**
   * Brings everything to where the journal says it was: finishes erasures that were cut off, drops
   * what was erased while a session held it, holds pins again. Before the first session.
   */
  void recover(JournalReading reading, ChunkDropper dropper, Consumer<EraseScope> others) {
    boolean erased = erasures.recover(reading, dropper, others);
    boolean outdated = expiries.keepKnown(catalog);
    reading.pins().forEach(pins::hold);
    giveTimes();
    if (erased || outdated || log.bloated()) {
      rewriteJournal();
    }
  }

  /** Blocks from before there was a time to live get all of it, from now on. */
  private void giveTimes() {
    long now = millis.getAsLong();
    List<JournalRecord> records = new ArrayList<>();
    catalog.forEach(chunk -> {
      Optional<Duration> time = lifetimes.of(chunk.key().tenant());
      if (time.isPresent() && expiries.of(chunk.key()) == Expiries.NEVER) {
        records.add(new JournalRecord.Expires(chunk.key(), after(now, time.get()), false));
      }
      if (records.size() == RECORDS_AT_ONCE) {
        give(records);
      }
    });
    give(records);
    log.force();
  }

  private void give(List<JournalRecord> records) {
    log.append(records);
    records.forEach(this::apply);
    records.clear();
  }

  /** Whether this chunk was erased while somebody held it, and still is. */
  public boolean erased(ChunkKey key) {
    return erasures.doomed(key);
  }

  /** Whether nobody may find this chunk: it expired or was erased. */
  public boolean hidden(ChunkKey key) {
    return erasures.doomed(key) || (!expiries.unused() && expiries.of(key) <= millis.getAsLong());
  }

  /**
   * Enters a chunk that a session sealed, under the rules that hold for it.
   *
   * @param key of the chunk
   * @param parent chain key of the chunk before; the chain's root for the first chunk
   * @param enter enters it in the catalog and claims it
   */
  public Chunk seal(ChunkKey key, ChainKey parent, SealTerms terms, Supplier<Chunk> enter) {
    return erasures.whileNoneBegins(() -> {
      erasures.inherit(key, QuotaRows.parentKey(key, parent), terms);
      long now = millis.getAsLong();
      Optional<Duration> time = terms.timeToLive().or(() -> lifetimes.of(key.tenant()));
      long at = time.map(duration -> after(now, duration)).orElse(Expiries.NEVER);
      @Nullable Chunk known = catalog.peek(key);
      // Before the chunk can be found, and again in case it left the catalog in between.
      expires(key, parent, at, known != null, false, now);
      Chunk chunk = enter.get();
      expires(key, parent, at, chunk == known, true, now);
      return chunk;
    });
  }

  private void expires(
      ChunkKey key, ChainKey parent, long at, boolean known, boolean entered, long now) {
    if (expiries.unused() && at == Expiries.NEVER) {
      return;
    }
    synchronized (log) {
      expiries
          .sealed(key, parent, at, known, entered, now)
          .ifPresent(record -> {
            log.append(List.of(record));
            apply(record);
          });
    }
  }

  /** Runs {@code save} while no erasure begins, unless these tokens were erased. */
  public void whileNotErased(SealTerms terms, Optional<ChunkKey> last, Runnable save) {
    erasures.whileNoneBegins(() -> {
      if (terms.erased() || last.filter(erasures::doomed).isPresent()) {
        throw new IllegalStateException(
            "the session continues tokens that were erased: it cannot be saved; open another one");
      }
      save.run();
      return last;
    });
  }

  /** Runs {@code work}, which makes a session of stored tokens, while no erasure begins. */
  public <T> T whileNoErasureBegins(Supplier<T> work) {
    return erasures.whileNoneBegins(work);
  }

  private static long after(long now, Duration time) {
    try {
      return Math.addExact(now, time.toMillis());
    } catch (ArithmeticException e) {
      return Expiries.NEVER - 1;
    }
  }

  /** The moment {@code time} from now. */
  public Instant in(Duration time) {
    return Instant.ofEpochMilli(after(millis.getAsLong(), LifetimeConfig.checked(time)));
  }

  private long future(Instant moment, String what) {
    Instant now = Instant.ofEpochMilli(millis.getAsLong());
    if (!moment.isAfter(now)) {
      throw new IllegalArgumentException(
          what + " must end in the future: " + moment + " is past, it is " + now);
    }
    try {
      return moment.toEpochMilli();
    } catch (ArithmeticException e) {
      return Expiries.NEVER - 1;
    }
  }

  /**
   * Has a prefix and everything that continues it, now or later, expire at {@code moment}; the
   * chunks before it are kept at least as long.
   *
   * @param prefix its last chunk
   * @param before the chunks before that one
   * @return chunks that expire then
   */
  public int expire(EraseScope.OfPrefix prefix, List<ChunkKey> before, Instant moment) {
    long at = future(moment, "a time to live");
    return erasures.whileNothingIsSealed(() -> {
      List<JournalRecord> records = new ArrayList<>();
      for (ChunkKey key : prefix.findCertain(catalog)) {
        records.add(new JournalRecord.Expires(key, at, true));
      }
      int count = records.size();
      for (ChunkKey key : before) {
        if (expiries.of(key) < at) {
          records.add(new JournalRecord.Expires(key, at, false));
        }
      }
      synchronized (log) {
        log.keep(records);
        records.forEach(this::apply);
      }
      return count;
    });
  }

  /**
   * Keeps the chunks of a prefix, which the caller claims, whatever else needs room.
   *
   * @param until when that ends; empty for until {@link #unpin}
   * @throws IllegalArgumentException if that exceeds the limit or ends in the past
   */
  public Pin pin(List<Chunk> claimed, int tokens, long chunkBytes, Optional<Instant> until) {
    long end = until.map(moment -> future(moment, "a pin")).orElse(Expiries.NEVER);
    ChunkKey first = claimed.getFirst().key();
    List<ChainKey> chain = claimed.stream().map(chunk -> chunk.key().chain()).toList();
    return pins.pin(
        new PinRecord(0, first.tenant(), first.fingerprint(), tokens, chunkBytes, end, chain));
  }

  /** Ends a pin; false if there is none of this id. */
  public boolean unpin(long id) {
    return pins.unpin(id);
  }

  /** The pins that last, oldest first. */
  public List<Pin> pins() {
    long now = millis.getAsLong();
    return pins.all().stream().filter(pin -> pin.until() > now).map(PinRecord::shown).toList();
  }

  /** Payload bytes that are pinned. */
  public long pinnedBytes() {
    return pins.heldBytes();
  }

  /** The most payload bytes that may be pinned. */
  public long pinLimit() {
    return pins.limitBytes();
  }

  /** Whether a pin holds this chunk. */
  boolean pinned(ChunkKey key) {
    return pins.holds(key);
  }

  /** Writes down what of these chunks must be known before a durable tier holds them. */
  void beforeDurablePut(Collection<ChunkKey> keys) {
    if (expiries.unused()) {
      return;
    }
    synchronized (log) {
      List<JournalRecord.Expires> records = expiries.unwritten(keys);
      log.append(records);
      records.forEach(this::apply);
    }
    log.force();
  }

  void forgotten(ChunkKey key) {
    if (!expiries.unused()) {
      synchronized (log) {
        expiries.forgotten(key, catalog).ifPresent(record -> log.append(List.of(record)));
      }
    }
  }

  /** Removes what is due from all tiers; returns how much that was. */
  int work(ChunkDropper dropper) {
    long now = millis.getAsLong();
    int done = 0;
    for (long id : pins.due(now)) {
      done += unpin(id) ? 1 : 0;
    }
    List<ChunkKey> due = expiries.due(now);
    if (!due.isEmpty()) {
      Predicate<ChunkKey> still = key -> expiries.of(key) <= now;
      done += Math.toIntExact(erasures.drop(due, still, dropper).chunks());
    }
    done += erasures.sweep(dropper);
    if (log.bloated()) {
      rewriteJournal();
    }
    return done;
  }

  /**
   * Drops erased chunks that nobody holds any more, unless somebody seals or erases just now; then
   * {@link #work} does, or the next call.
   */
  public void sweep(ChunkDropper dropper) {
    erasures.sweepIfIdle(dropper);
  }

  /** Shortens the journal to what holds now. */
  private void rewriteJournal() {
    synchronized (log) {
      Stream<JournalRecord> pinned = pins.all().stream().map(JournalRecord.Pinned::new);
      log.rewrite(Stream.concat(expiries.written(), Stream.concat(pinned, erasures.records())));
    }
  }

  private void apply(JournalRecord record) {
    if (record instanceof JournalRecord.Expires(ChunkKey key, long at, boolean handedOn)) {
      expiries.setWritten(key, at, handedOn);
    }
  }

  /**
   * Erases {@code scope}: from here on none of it is found, and after this returned no restart
   * finds it either. What sessions still hold goes when they let go.
   *
   * @param mark marks sessions whose tokens belong to it; no chunk is sealed meanwhile
   * @param others erases what is not in tiers: saved sessions
   */
  public Erased erase(
      EraseScope scope, Runnable mark, ChunkDropper dropper, Consumer<EraseScope> others) {
    return erasures.erase(scope, mark, dropper, others);
  }

  /**
   * What an erasure did.
   *
   * @param chunks chunks that are gone
   * @param bytes payload bytes of their blocks in all tiers
   * @param held chunks that sessions still hold
   * @param keys all that belong to it
   */
  public record Erased(long chunks, long bytes, long held, List<ChunkKey> keys) {}
}
