package dev.varve.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.client.RemoteAttention;
import dev.varve.client.RemoteConfig;
import dev.varve.client.RemoteKvCache;
import dev.varve.client.RemoteQueries;
import dev.varve.client.RemoteScope;
import dev.varve.engine.BundledModel;
import dev.varve.engine.LayerAttention;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.attention.PartialAttention;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model decodes while the beginning of its context is at a server. */
class EngineAttendsRemotelyTest {

  private static final int SPAN = ModelServer.SPAN;
  private static final int REMOTE = 3 * SPAN;
  private static final int[] PROMPT =
      ids("A cache server keeps what a model has read. It attends there. ".repeat(4));

  @TempDir Path folder;

  private static int[] ids(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xff).toArray();
  }

  /** Keeps keys and values of every token and attends to those from one position on. */
  private static final class HeldRows {

    private final LayerShape layer;
    private final List<float[]> keys = new ArrayList<>();
    private final List<float[]> values = new ArrayList<>();

    HeldRows(LayerShape layer) {
      this.layer = layer;
    }

    void add(EngineTensor k, EngineTensor v) {
      for (int token = 0; token < k.tokens(); token++) {
        keys.add(row(k, token));
        values.add(row(v, token));
      }
    }

    private static float[] row(EngineTensor tensor, int token) {
      float[] row = new float[tensor.heads() * tensor.dim()];
      MemorySegment.copy(
          tensor.memory(), ValueLayout.JAVA_FLOAT, tensor.offset(token, 0), row, 0, row.length);
      return row;
    }

    private static float[] joined(List<float[]> rows) {
      float[] all = new float[rows.size() * rows.getFirst().length];
      for (int i = 0; i < rows.size(); i++) {
        System.arraycopy(rows.get(i), 0, all, i * rows.get(i).length, rows.get(i).length);
      }
      return all;
    }

    LayerTensors tensors() {
      return new LayerTensors(tensor(keys), tensor(values));
    }

    private EngineTensor tensor(List<float[]> rows) {
      return EngineTensor.of(joined(rows), rows.size(), layer.kvHeads(), layer.keyDim());
    }

    /** The partial of one token's queries over what lies between two positions. */
    PartialAttention attend(float[] queries, int from, int to) {
      PlainAttention plain = new PlainAttention(layer, joined(keys), joined(values));
      PartialAttention partial = new PartialAttention(layer.queryHeads(), layer.valueDim());
      for (int head = 0; head < layer.queryHeads(); head++) {
        double[] out =
            plain.attended(queries, head, IntStream.range(from, to).toArray(), layer.scale());
        for (int i = 0; i < layer.valueDim(); i++) {
          partial.outputs()[head * layer.valueDim() + i] = (float) out[i];
        }
        partial.logSumExps()[head] = (float) out[layer.valueDim()];
      }
      return partial;
    }
  }

  @Test
  void oneStepIsTheSameWhoeverAttends() throws IOException {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder))) {
      LayerShape layer = model.config().attention();
      ModelShape shape = ModelShape.uniform(model.config().layers(), layer, Dtype.F32);
      List<HeldRows> rows = new ArrayList<>();
      for (int i = 0; i < shape.layerCount(); i++) {
        rows.add(new HeldRows(layer));
      }
      LlamaDecoder decoder = new LlamaDecoder(model);
      var _ = decoder.step(PROMPT, 0, LlamaDecoder.Logits.NONE, local(rows));
      try (ModelServer server = new ModelServer(0, shape);
          RemoteKvCache cache =
              client(RemoteConfig.of(server.address(), "m", ModelGeometry.of(shape, SPAN)))) {
        assertThat(
                cache.store(
                    Arrays.copyOf(PROMPT, REMOTE), rows.stream().map(HeldRows::tensors).toList()))
            .isEqualTo(REMOTE);
        int[] next = {'T'};
        float[] remote =
            decoder.step(next, PROMPT.length, LlamaDecoder.Logits.LAST, split(rows, cache));
        rows.forEach(held -> {
          held.keys.removeLast();
          held.values.removeLast();
        });
        float[] here = decoder.step(next, PROMPT.length, LlamaDecoder.Logits.LAST, local(rows));
        assertThat(remote).hasSameSizeAs(here);
        for (int i = 0; i < here.length; i++) {
          assertThat(remote[i]).isCloseTo(here[i], within(2e-4f));
        }
        assertThat(cache.stats().failures()).isZero();
      }
    }
  }

  private static RemoteKvCache client(RemoteConfig config) {
    return RemoteKvCache.open(
        config.within(Duration.ofSeconds(60)),
        Thread.ofPlatform().daemon().factory(),
        System::nanoTime);
  }

  /** Attends to everything here. */
  private static LayerAttention local(List<HeldRows> rows) {
    return (layer, k, v, q, out) -> {
      HeldRows held = rows.get(layer);
      int before = held.keys.size();
      held.add(k, v);
      for (int token = 0; token < q.tokens(); token++) {
        write(held.attend(HeldRows.row(q, token), 0, before + token + 1), out, token);
      }
    };
  }

  /** Has the server attend to the beginning, and attends here to the rest. */
  private static LayerAttention split(List<HeldRows> rows, RemoteKvCache cache) {
    return (layer, k, v, q, out) -> {
      HeldRows held = rows.get(layer);
      held.add(k, v);
      float[] queries = HeldRows.row(q, 0);
      RemoteAttention far =
          cache.attend(
              Arrays.copyOf(PROMPT, REMOTE), RemoteQueries.of(layer, 1, queries), RemoteScope.ALL);
      assertThat(far.tokens()).isEqualTo(REMOTE);
      PartialAttention sum = far.layers().getFirst().partial();
      sum.merge(held.attend(queries, far.tokens(), held.keys.size()));
      write(sum, out, 0);
    };
  }

  private static void write(PartialAttention from, EngineTensor out, int token) {
    MemorySegment.copy(
        from.outputs(),
        0,
        out.memory(),
        ValueLayout.JAVA_FLOAT,
        out.offset(token, 0),
        from.outputs().length);
  }
}
