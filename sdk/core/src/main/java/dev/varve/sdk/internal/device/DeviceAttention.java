package dev.varve.sdk.internal.device;

import dev.varve.attention.SharedPrefixAttention;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.Chunk;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.cuda.CudaAttention;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaGather;
import dev.varve.store.cuda.CudaKernels;
import dev.varve.store.cuda.CudaStream;
import dev.varve.store.cuda.PagedRows;
import dev.varve.store.cuda.SelectedRows;
import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attends queries of one layer to whole blocks where they lie on the device: the addresses of
 * leased blocks and the queries go up, a partial for each query comes down. What the processor does
 * between {@link #start} and {@link #merge} runs beside it.
 *
 * <pre>
 *  begin(layer, queries, tokens)   take(...) for each block   start()   merge(...)   end()
 * </pre>
 *
 * The tokens of a step stand in the place of sequences that read the same blocks; {@value
 * #MOST_TOKENS} go up at a time. Memory is taken once. For one thread at a time.
 */
public final class DeviceAttention implements AutoCloseable {
  /** Addresses and strides of tensors that {@link #place} takes are multiples of this. */
  public static final int PLACED_BYTES = 4;

  static final int MOST_TOKENS = 64;

  private final CudaDevice device;
  private final ModelGeometry geometry;
  private final HotPool hot;
  private final ServedLayers served;
  private final CudaKernels kernels;
  private final CudaGather gather;
  private final CudaStream stream;
  private final AttentionMemory memory;
  private final @Nullable CudaAttention[] attentions;
  private final List<BlockLease> leases = new ArrayList<>();
  private final long[] addresses;
  private int taken;
  private int tailBlocks;
  private int tailRows;
  private int layer;
  private int tokens;
  private int launched;
  private float[] queries = {};
  private float[] outputs = {};
  private float[] lses = {};

  /**
   * Loads the kernels of every layer that has one, and takes memory for them.
   *
   * @throws dev.varve.store.cuda.CudaException if the device takes no kernel or has no memory left
   */
  DeviceAttention(CudaDevice device, ModelGeometry geometry, HotPool hot, ServedLayers served) {
    this.device = device;
    this.geometry = geometry;
    this.hot = hot;
    this.served = served;
    this.addresses = new long[hot.slotCount()];
    this.attentions = new CudaAttention[served.layers()];
    this.kernels = new CudaKernels(device.driver());
    this.gather = new CudaGather(kernels);
    try {
      gather.loadPlace();
      long lists = (long) Long.BYTES * (addresses.length + MOST_TOKENS);
      this.memory = new AttentionMemory(device.driver(), load(), lists);
    } catch (RuntimeException e) {
      kernels.close();
      throw e;
    }
    try {
      this.stream = new CudaStream(device.driver());
    } catch (RuntimeException e) {
      memory.close();
      kernels.close();
      throw e;
    }
  }

  private AttentionSpace load() {
    AttentionSpace space = AttentionSpace.NONE;
    for (int each = 0; each < attentions.length; each++) {
      if (served.serves(each)) {
        CudaAttention attention = served.attention(kernels, each);
        attention.load();
        attentions[each] = attention;
        LayerShape shape = served.shape(each);
        space = space.or(AttentionSpace.of(attention, shape, device.info(), MOST_TOKENS));
      }
    }
    return space;
  }

  /**
   * Begins to attend.
   *
   * @param of a layer that is served
   * @param asked {@code [tokens][queryHeads][keyDim]}, borrowed until {@link #end}
   */
  public void begin(int of, float[] asked, int count) {
    end();
    layer = of;
    queries = asked;
    tokens = count;
    launched = 0;
  }

  /**
   * Takes the block of {@code owner} if it is hot.
   *
   * @return whether its rows will be attended
   */
  public boolean take(Chunk chunk, int owner) {
    long handle = chunk.hotHandle(owner);
    if (handle == Chunk.NOT_HOT || taken == addresses.length) {
      return false;
    }
    if (taken == leases.size()) {
      leases.add(hot.newLease());
    }
    BlockLease lease = leases.get(taken);
    if (!lease.take(handle)) {
      return false;
    }
    // Counted at once, so that the lease ends whatever the device says.
    taken++;
    addresses[taken - 1] = lease.deviceAddress().orElseThrow();
    return true;
  }

  /**
   * Takes the next block of the growing end, which kernels fill, behind all others.
   *
   * @param address on the device
   */
  public void takeTail(long address) {
    addresses[taken + tailBlocks] = address;
    tailBlocks++;
  }

  /** Whether any block was taken. */
  public boolean any() {
    return taken + tailBlocks > 0;
  }

  /**
   * Has the device begin; returns at once.
   *
   * @param visible rows of the growing end that the first token sees, one less than the next; 0 if
   *     it was not taken
   */
  public void start(int visible) {
    tailRows = visible;
    launch(0);
  }

  private void launch(int from) {
    int count = Math.min(MOST_TOKENS, tokens - from);
    LayerShape shape = served.shape(layer);
    CudaAttention attention = Objects.requireNonNull(attentions[layer], "not served");
    MemorySegment host = memory.up().host();
    long first = 0;
    for (int i = 0; i < taken + tailBlocks; i++) {
      host.set(ValueLayout.JAVA_LONG, first, addresses[i]);
      first += Long.BYTES;
    }
    long lengths = first + (long) Integer.BYTES * count;
    int rows = taken * geometry.blockTokens();
    for (int token = 0; token < count; token++) {
      host.set(ValueLayout.JAVA_INT, first + (long) Integer.BYTES * token, 0);
      int seen = tailBlocks == 0 ? rows : rows + tailRows + from + token;
      host.set(ValueLayout.JAVA_INT, lengths + (long) Integer.BYTES * token, seen);
    }
    long asked = lengths + (long) Integer.BYTES * count;
    int width = shape.queryHeads() * shape.keyDim();
    MemorySegment.copy(queries, from * width, host, ValueLayout.JAVA_FLOAT, asked, count * width);
    long bytes = asked + (long) Float.BYTES * count * width;
    long up = memory.up().device();
    stream.copyToDevice(up, host.asSlice(0, bytes));
    long outs = (long) count * shape.queryHeads() * shape.valueDim() * Float.BYTES;
    long down = memory.down().device();
    attention.attend(
        new PagedRows(up, up + first, up + lengths, count),
        SelectedRows.ALL,
        up + asked,
        memory.scratch(),
        down,
        down + outs,
        attention.splits(count, (long) rows + tailRows, device.info()),
        stream);
    long results = outs + (long) Float.BYTES * count * shape.queryHeads();
    stream.copyToHost(memory.down().host().asSlice(0, results), down);
    launched = from + count;
  }

  /** Waits for the device, and folds its partials in for the tokens of {@code member}. */
  public void merge(SharedPrefixAttention attention, int member) {
    LayerShape shape = served.shape(layer);
    MemorySegment host = memory.down().host();
    for (int from = 0; from < tokens; ) {
      stream.await();
      int first = from;
      int count = launched - first;
      int heads = count * shape.queryHeads();
      int floats = heads * shape.valueDim();
      outputs = outputs.length < floats ? new float[floats] : outputs;
      lses = lses.length < heads ? new float[heads] : lses;
      MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 0, outputs, 0, floats);
      MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, (long) Float.BYTES * floats, lses, 0, heads);
      from = launched;
      if (from < tokens) {
        launch(from);
      }
      attention.merge(member, first, count, outputs, lses);
    }
  }

  /** Waits for the device and ends the claims on blocks. Idempotent. */
  public void end() {
    tailBlocks = 0;
    tailRows = 0;
    if (taken == 0) {
      return;
    }
    try {
      stream.await();
    } finally {
      for (int i = 0; i < taken; i++) {
        leases.get(i).close();
      }
      taken = 0;
    }
  }

  /**
   * Copies rows of an engine's tensor on the device to where a block has them, and waits.
   *
   * @param from first token
   * @param count tokens
   * @param to where head 0 of the first token goes
   * @param headStride bytes from one head of the block to the next
   */
  public void place(EngineTensor tensor, int from, int count, long to, long headStride) {
    long rowBytes = (long) tensor.dim() * tensor.dtype().bytes();
    long address = tensor.memory().address() + tensor.offset(from, 0);
    gather.place(
        new CudaGather.Strides(address, tensor.tokenStride(), tensor.headStride()),
        new CudaGather.Strides(to, rowBytes, headStride),
        count,
        tensor.heads(),
        Math.toIntExact(rowBytes),
        stream);
    stream.await();
  }

  @Override
  public void close() {
    end();
    stream.close();
    kernels.close();
    memory.close();
  }
}
