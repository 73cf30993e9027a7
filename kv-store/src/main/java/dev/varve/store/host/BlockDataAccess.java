package dev.varve.store.host;

import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.EncodedBlock;
import java.lang.foreign.MemorySegment;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.bytes.RandomDataOutput;
import net.openhft.chronicle.hash.AbstractData;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.serialization.DataAccess;
import org.jspecify.annotations.Nullable;

/**
 * Writes a block into the map from where it lies: its header, then its payload, with one copy and
 * no array. Never reads one back: readers look at the map's memory themselves.
 */
final class BlockDataAccess extends AbstractData<EncodedBlock> implements DataAccess<EncodedBlock> {

  private @Nullable EncodedBlock block;

  @Override
  public Data<EncodedBlock> getData(EncodedBlock instance) {
    block = instance;
    return this;
  }

  @Override
  public void uninit() {
    block = null;
  }

  @Override
  public DataAccess<EncodedBlock> copy() {
    return new BlockDataAccess();
  }

  @Override
  public long size() {
    return HostMapLayout.valueBytes(get().payload().byteSize());
  }

  @Override
  @SuppressWarnings({"restricted", "rawtypes"}) // the interface is raw
  public void writeTo(RandomDataOutput target, long offset) {
    long address = target.addressForWrite(offset);
    MemorySegment entry = MemorySegment.ofAddress(address).reinterpret(size());
    MemorySegment payload = get().payload();
    BlockHeaderDescriptor.write(get().header(), entry, 0);
    MemorySegment.copy(payload, 0, entry, BlockHeaderDescriptor.HEADER_LENGTH, payload.byteSize());
  }

  @Override
  public EncodedBlock get() {
    if (block == null) {
      throw new IllegalStateException("no block is being written");
    }
    return block;
  }

  @Override
  public EncodedBlock getUsing(@Nullable EncodedBlock using) {
    return get();
  }

  @Override
  public RandomDataInput bytes() {
    throw new UnsupportedOperationException("a block is written by writeTo only");
  }

  @Override
  public long offset() {
    return 0;
  }
}
