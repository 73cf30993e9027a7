package dev.varve.cli.keep;

import dev.varve.cli.capture.Metadata;
import dev.varve.cli.capture.StoredRun;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.keep.KeptRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeLayouts;
import dev.varve.store.safetensors.SafetensorsWriter;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a pruned cache; {@code docs/formats/kept.md} names the tensors and the metadata. */
public final class KeptFile {
  private KeptFile() {}

  /** Writes what {@code plan} keeps of {@code layers} and puts the file in its place. */
  public static void write(
      Path target,
      StoredRun run,
      List<Observation> layers,
      EvictionPolicy policy,
      KeepPlan plan,
      Backend backend) {
    Map<String, String> metadata = new LinkedHashMap<>(metadata(run));
    metadata.put("varve.format", "kept");
    metadata.put("varve.version", "1");
    metadata.put("policy", policy.text());
    metadata.put("renumbered", Boolean.toString(plan.renumbered()));
    metadata.remove("query_tokens");
    metadata.remove("query_first");
    Workspace workspace = new Workspace(backend);
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(target, metadata, specs(layers, plan))) {
      for (int layer = 0; layer < plan.layers().size(); layer++) {
        Observation observed = layers.get(layer);
        for (int head = 0; head < plan.layers().get(layer).size(); head++) {
          String prefix = prefix(layer, head);
          HeadKeep keep = plan.head(layer, head);
          KeptRows rows = KeptRows.gather(observed, head, keep, plan.renumbered(), workspace);
          writer.append(prefix + "keys", floats(rows.keys()));
          writer.append(prefix + "values", floats(rows.values()));
          writer.append(prefix + "positions", ints(rows.positions()));
          writer.append(prefix + "weights", floats(rows.weights()));
        }
      }
      writer.commit();
    }
  }

  /** What the run says about itself, or what its shape is. */
  private static Map<String, String> metadata(StoredRun run) {
    if (run.extras().isPresent()) {
      return run.extras().get().metadata();
    }
    Metadata.Source source = new Metadata.Source("", run.modelIdentity());
    return Metadata.of(run.layers(), run.layer(0), source, run.tokens(), 0);
  }

  private static String prefix(int layer, int head) {
    return "layers." + layer + ".heads." + head + ".";
  }

  private static List<TensorSpec> specs(List<Observation> layers, KeepPlan plan) {
    List<TensorSpec> specs = new ArrayList<>();
    for (int layer = 0; layer < plan.layers().size(); layer++) {
      Observation observed = layers.get(layer);
      for (int head = 0; head < plan.layers().get(layer).size(); head++) {
        String prefix = prefix(layer, head);
        int slots = plan.head(layer, head).slots();
        specs.add(TensorSpec.of(prefix + "keys", TensorType.F32, slots, observed.keys().dim()));
        specs.add(TensorSpec.of(prefix + "values", TensorType.F32, slots, observed.values().dim()));
        specs.add(TensorSpec.of(prefix + "positions", TensorType.I32, slots));
        specs.add(TensorSpec.of(prefix + "weights", TensorType.F32, slots));
      }
    }
    return specs;
  }

  private static MemorySegment floats(float[] values) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Float.BYTES]);
    for (int i = 0; i < values.length; i++) {
      bytes.set(DtypeLayouts.FLOAT, (long) i * Float.BYTES, values[i]);
    }
    return bytes;
  }

  private static MemorySegment ints(int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(values);
    return MemorySegment.ofBuffer(bytes);
  }
}
