package dev.varve.sdk.internal;

import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectPage;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import dev.varve.store.remote.RemoteObject;
import dev.varve.store.remote.RemoteStore;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * The objects of one tenant, with copies in a remote store: what this process does not hold is
 * fetched from there and kept, what is committed here is copied there. Who holds an object answers
 * with that one: what others replace or delete it learns when its own has left. Names are listed,
 * and counted, as far as this process holds them. Thread-safe.
 */
public final class SharedObjects implements ObjectSpace {

  private final ObjectSpace own;
  private final RemoteStore remote;
  private final Tenant tenant;

  public SharedObjects(ObjectSpace own, RemoteStore remote, Tenant tenant) {
    this.own = own;
    this.remote = remote;
    this.tenant = tenant;
  }

  @Override
  public ObjectWriter write(byte[] name) {
    return new Copied(own.write(name), name.clone(), false);
  }

  /** Goes behind what others keep, if this process has nothing. */
  @Override
  public ObjectWriter append(byte[] name) {
    if (own.info(name).isEmpty()) {
      var _ = fetch(name);
    }
    return new Copied(own.append(name), name.clone(), true);
  }

  @Override
  public Optional<ObjectLease> lease(byte[] name) {
    Optional<ObjectLease> held = own.info(name).isPresent() ? own.lease(name) : Optional.empty();
    return held.isPresent() || !fetch(name) ? held : own.lease(name);
  }

  @Override
  public boolean readNow(byte[] name, LongFunction<Optional<MemorySegment>> memory) {
    return own.readNow(name, memory);
  }

  @Override
  public Optional<ObjectInfo> info(byte[] name) {
    Optional<ObjectInfo> held = own.info(name);
    if (held.isPresent()) {
      return held;
    }
    Optional<RemoteObject> found = remote.objects().find(tenant, name);
    if (found.isPresent() && found.get().inline().isPresent() && keep(name, found.get())) {
      return own.info(name);
    }
    return found.map(RemoteObject::info);
  }

  private boolean fetch(byte[] name) {
    return remote.objects().find(tenant, name).filter(found -> keep(name, found)).isPresent();
  }

  /** Makes what others keep an object of this process, unless it has one by now. */
  private boolean keep(byte[] name, RemoteObject found) {
    try (ObjectWriter writer = own.write(name)) {
      boolean whole = remote.objects().fetch(tenant, name, found, writer::write);
      return whole && writer.commit(terms(found)) instanceof CommitResult.Committed;
    } catch (IllegalArgumentException e) {
      // It ended meanwhile, or is longer than what this process keeps: not found.
      return false;
    }
  }

  private static CommitTerms terms(RemoteObject found) {
    CommitTerms plain =
        found.info().expires()
            ? CommitTerms.PLAIN.expiringAt(found.info().expiresAtMillis())
            : CommitTerms.PLAIN;
    CommitTerms terms = new CommitTerms(plain.precondition(), plain.lifetime(), found.group());
    return terms.ifAbsent();
  }

  @Override
  public boolean expireAt(byte[] name, long millis) {
    boolean done = own.expireAt(name, millis) || (fetch(name) && own.expireAt(name, millis));
    if (done) {
      copy(name, Optional.empty());
    }
    return done;
  }

  @Override
  public boolean delete(byte[] name) {
    boolean known = info(name).isPresent();
    remote.objects().remove(tenant, name);
    return own.delete(name) || known;
  }

  @Override
  public boolean delete(byte[] name, long version) {
    boolean deleted = own.delete(name, version);
    if (deleted) {
      remote.objects().remove(tenant, name);
    }
    return deleted;
  }

  /**
   * Deletes what this process holds, and what is shared of the tenant.
   *
   * @throws dev.varve.store.StoreException if the remote store does not answer
   */
  @Override
  public long deleteAll() {
    long deleted = own.deleteAll();
    remote.eraseObjects(tenant);
    return deleted;
  }

  @Override
  public ObjectPage scan(long cursor, int names) {
    return own.scan(cursor, names);
  }

  @Override
  public long count() {
    return own.count();
  }

  @Override
  public long bytes() {
    return own.bytes();
  }

  private void copy(byte[] name, Optional<Digest256> group) {
    Optional<ObjectLease> lease = own.lease(name);
    if (lease.isPresent()) {
      try (ObjectLease held = lease.get()) {
        var _ = remote.objects().store(tenant, name, held, group);
      }
    } else {
      remote.objects().remove(tenant, name);
    }
  }

  /** Has what was committed copied. */
  private final class Copied implements ObjectWriter {

    private final ObjectWriter writer;
    private final byte[] name;
    private final boolean appends;

    Copied(ObjectWriter writer, byte[] name, boolean appends) {
      this.writer = writer;
      this.name = name;
      this.appends = appends;
    }

    @Override
    public void write(MemorySegment bytes) {
      writer.write(bytes);
    }

    @Override
    public long length() {
      return writer.length();
    }

    @Override
    public CommitResult commit() {
      return commit(appends ? CommitTerms.PLAIN.keepingExpiry() : CommitTerms.PLAIN);
    }

    @Override
    public CommitResult commit(CommitTerms terms) {
      CommitResult result = writer.commit(terms);
      if (result.committed()) {
        copy(name, terms.group());
      }
      return result;
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
