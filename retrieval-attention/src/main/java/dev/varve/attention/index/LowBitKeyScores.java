package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.CodeDotKernel;
import dev.varve.store.kernel.CodeRows;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores a copy of the keys in 8 or 4 bits, with scale and zero for each channel of {@link #GROUP}
 * tokens: the low-bit copy of SpeCache (Jie et al., 2025) with the channel groups of KIVI (Liu et
 * al., 2024). Tokens can be scored once their group is full. Codes are kept for each KV head of a
 * group one after the other; a value is {@code zero + scale * code}.
 */
public final class LowBitKeyScores implements KeyScores {

  /** Tokens that share scale and zero. */
  public static final int GROUP = 64;

  private final int heads;
  private final int dim;
  private final int bits;
  private final Backend backend;
  private final CodeDotKernel kernel;
  private final List<MemorySegment> codes = new ArrayList<>();
  private final List<float[]> parameters = new ArrayList<>();
  private final float[] pending;
  private final CodeRows rows = new CodeRows();
  private final StoredRows view = new StoredRows();
  private final FloatRows scaledView = new FloatRows();
  private final FloatRows part = new FloatRows();
  private float[] scaled = {};
  private int pendingTokens;

  /**
   * A copy without keys.
   *
   * @param dim elements of a key, an even number
   * @param bits 8 or 4
   */
  public LowBitKeyScores(int heads, int dim, int bits, Backend backend) {
    this.heads = heads;
    this.dim = dim;
    this.bits = bits;
    rows.layout(bits, dim);
    this.backend = backend;
    this.kernel = CodeDotKernel.of(backend);
    this.pending = new float[heads * GROUP * dim];
  }

  @Override
  public int tokens() {
    return codes.size() * GROUP;
  }

  @Override
  public void append(KeySpan keys) {
    keys.require(heads, dim);
    DtypeKernel loader = DtypeKernel.of(backend, keys.dtype());
    for (int t = 0; t < keys.tokens(); t++) {
      for (int head = 0; head < heads; head++) {
        keys.point(view, head, t, 1);
        int to = (head * GROUP + pendingTokens) * dim;
        loader.load(view.bytes(), view.offset(0), pending, to, dim);
      }
      if (++pendingTokens == GROUP) {
        seal();
      }
    }
  }

  @Override
  public boolean borrowsKeys() {
    return false;
  }

  @Override
  public int appended() {
    return tokens() + pendingTokens;
  }

  @Override
  public int truncate(int left) {
    if (left >= tokens()) {
      pendingTokens = Math.min(pendingTokens, left - tokens());
      return appended();
    }
    int groups = left / GROUP;
    codes.subList(groups, codes.size()).clear();
    parameters.subList(groups, parameters.size()).clear();
    pendingTokens = 0;
    return tokens();
  }

  private void seal() {
    MemorySegment target = Arena.ofAuto().allocate((long) heads * GROUP * rows.rowBytes(), 64);
    float[] fits = new float[heads * 2 * dim];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < dim; i++) {
        fit(head, i, fits);
      }
      for (int t = 0; t < GROUP; t++) {
        encode(head, t, fits, target);
      }
    }
    codes.add(target);
    parameters.add(fits);
    pendingTokens = 0;
  }

  /** Scale and zero of one channel: zero is the value of the lowest code. */
  private void fit(int head, int channel, float[] fits) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int t = 0; t < GROUP; t++) {
      float x = Checks.finite(pending[(head * GROUP + t) * dim + channel], "a key");
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    float scale = (float) (((double) high - low) / ((1 << bits) - 1));
    fits[head * 2 * dim + channel] = scale;
    fits[(head * 2 + 1) * dim + channel] = bits == 8 ? low + 128 * scale : low;
  }

  private void encode(int head, int token, float[] fits, MemorySegment target) {
    long at = (head * GROUP + token) * rows.rowBytes();
    int least = bits == 8 ? -128 : 0;
    int most = least + (1 << bits) - 1;
    int half = dim / 2;
    for (int i = 0; i < dim; i++) {
      float scale = fits[head * 2 * dim + i];
      float zero = fits[(head * 2 + 1) * dim + i];
      float x = pending[(head * GROUP + token) * dim + i];
      int code = scale == 0 ? 0 : Math.clamp(Math.round((x - zero) / scale), least, most);
      if (bits == 8) {
        target.set(ValueLayout.JAVA_BYTE, at + i, (byte) code);
      } else if (i < half) {
        target.set(ValueLayout.JAVA_BYTE, at + i, (byte) code);
      } else {
        int lower = target.get(ValueLayout.JAVA_BYTE, at + i - half);
        target.set(ValueLayout.JAVA_BYTE, at + i - half, (byte) (lower | code << 4));
      }
    }
  }

  @Override
  public long score(int kvHead, FloatRows queries, int from, int to, FloatRows out) {
    int count = queries.rows();
    if (scaled.length < count * dim) {
      scaled = new float[count * dim];
    }
    for (int g = from / GROUP; g * GROUP < to; g++) {
      int begin = Math.max(from, g * GROUP);
      int end = Math.min(to, (g + 1) * GROUP);
      float[] fits = parameters.get(g);
      scale(fits, kvHead, queries);
      long at = ((long) kvHead * GROUP + begin % GROUP) * rows.rowBytes();
      rows.at(codes.get(g), at, end - begin);
      part.at(out.values(), out.offset(0) + begin - from, out.stride(), count);
      kernel.multiply(rows, scaledView.at(scaled, 0, dim, count), part);
      for (int q = 0; q < count; q++) {
        float constant = constant(fits, kvHead, queries, q);
        int row = part.offset(q);
        for (int i = 0; i < end - begin; i++) {
          out.values()[row + i] += constant;
        }
      }
    }
    long groups = (long) Math.ceilDiv(to, GROUP) - from / GROUP;
    return (to - from) * rows.rowBytes() + groups * 2 * dim * Float.BYTES;
  }

  private void scale(float[] fits, int kvHead, FloatRows queries) {
    int scales = kvHead * 2 * dim;
    for (int q = 0; q < queries.rows(); q++) {
      int at = queries.offset(q);
      for (int i = 0; i < dim; i++) {
        scaled[q * dim + i] = fits[scales + i] * queries.values()[at + i];
      }
    }
  }

  private float constant(float[] fits, int kvHead, FloatRows queries, int query) {
    int zeros = (kvHead * 2 + 1) * dim;
    int at = queries.offset(query);
    double sum = 0;
    for (int i = 0; i < dim; i++) {
      sum += (double) fits[zeros + i] * queries.values()[at + i];
    }
    return (float) sum;
  }

  @Override
  public long bytes() {
    return codes.size() * (heads * (GROUP * rows.rowBytes() + 2L * dim * Float.BYTES));
  }

  /** Writes full groups, and the keys of the group that is not full. */
  @Override
  public void write(IndexOutput out) {
    out.integer(codes.size());
    out.integer(pendingTokens);
    for (int g = 0; g < codes.size(); g++) {
      out.reals(parameters.get(g), heads * 2 * dim);
      out.bytes(codes.get(g));
    }
    out.reals(pending, pending.length);
  }

  @Override
  public void restore(IndexInput in) {
    int groups = in.integer(0, Integer.MAX_VALUE / GROUP, "groups");
    pendingTokens = in.integer(0, GROUP - 1, "tokens of the last group");
    long groupBytes = heads * (GROUP * rows.rowBytes() + 2L * dim * Float.BYTES);
    in.need(groups * groupBytes + 4L * pending.length, "the codes");
    codes.clear();
    parameters.clear();
    for (int g = 0; g < groups; g++) {
      parameters.add(in.reals(heads * 2 * dim, "a scale"));
      MemorySegment target = Arena.ofAuto().allocate((long) heads * GROUP * rows.rowBytes(), 64);
      in.bytes(target, "the codes");
      codes.add(target);
    }
    System.arraycopy(in.reals(pending.length, "a key"), 0, pending, 0, pending.length);
  }
}
