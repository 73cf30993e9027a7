package dev.varve.offload.object;

import dev.varve.store.Checks;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectPage;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/** The objects of one tenant in a store. */
final class TenantSpace implements ObjectSpace {

  private final ObjectStore store;
  private final ObjectParts parts;
  private final Tenant tenant;

  TenantSpace(ObjectStore store, ObjectParts parts, Tenant tenant) {
    this.store = store;
    this.parts = parts;
    this.tenant = tenant;
  }

  @Override
  public ObjectWriter write(byte[] name) {
    return new Draft(parts, store.commits(), name(name), name, false);
  }

  @Override
  public ObjectWriter append(byte[] name) {
    return new Draft(parts, store.commits(), name(name), name, true);
  }

  @Override
  public Optional<ObjectLease> lease(byte[] name) {
    return store.leases().take(name(name));
  }

  @Override
  public boolean readNow(byte[] name, LongFunction<Optional<MemorySegment>> memory) {
    return store.leases().readNow(name(name), memory);
  }

  @Override
  public Optional<ObjectInfo> info(byte[] name) {
    return parts.live(name(name)).map(ObjectManifest::info);
  }

  @Override
  public boolean expireAt(byte[] name, long millis) {
    return store.commits().expireAt(name(name), millis);
  }

  @Override
  public boolean delete(byte[] name) {
    return store.removals().delete(name(name), OptionalLong.empty());
  }

  @Override
  public boolean delete(byte[] name, long version) {
    return store.removals().delete(name(name), OptionalLong.of(version));
  }

  @Override
  public long deleteAll() {
    store.checkOpen();
    return store.removals().deleteAll(parts.index().table(tenant));
  }

  @Override
  public ObjectPage scan(long cursor, int names) {
    store.checkOpen();
    Checks.positive(names, "names of a page");
    return parts.index().table(tenant).page(cursor, names, parts::shown);
  }

  @Override
  public long count() {
    store.checkOpen();
    return parts.index().table(tenant).count();
  }

  @Override
  public long bytes() {
    store.checkOpen();
    return parts.index().table(tenant).bytes();
  }

  private ObjectName name(byte[] name) {
    store.checkOpen();
    return ObjectName.of(tenant, name);
  }
}
