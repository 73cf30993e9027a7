package dev.varve.cli.pack;

import dev.varve.cli.file.ContainerSource;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSource;
import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.compression.container.BlockEntry;
import dev.varve.compression.container.ContainerHeader;
import dev.varve.store.RopeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a file holds.
 *
 * @param file the file
 * @param kind its kind
 * @param facts name and value of what is known of it, in the order in which they are worth reading
 * @param originalBytes bytes of the keys and values before they were encoded, with what was kept
 *     beside them
 * @param storedBytes bytes of the file
 * @param ratio the first over the second
 * @param layers by layer; bytes alone where no errors are known
 */
public record Inspection(
    String file,
    String kind,
    Map<String, String> facts,
    long originalBytes,
    long storedBytes,
    double ratio,
    List<LayerReport> layers) {

  /** Of a file that is no container: its shape. */
  public static Inspection of(KvSource source, String file) {
    KvDescription of = source.description();
    Map<String, String> facts = new LinkedHashMap<>();
    shape(of, facts);
    facts.put("other bytes", "%,d".formatted(source.layout().opaqueBytes()));
    List<LayerReport> layers = new ArrayList<>();
    for (int layer = 0; layer < of.shape().layerCount(); layer++) {
      long bytes = bytes(of, layer);
      layers.add(new LayerReport(layer, "raw", bytes, bytes, 0, 0, 0, 0, 0, "none"));
    }
    long size = source.layout().fileBytes();
    return new Inspection(file, source.layout().kind(), facts, size, size, 1, layers);
  }

  /** Of a container: header, plan, and what was measured when it was written. */
  public static Inspection of(ContainerSource source, String file) {
    KvDescription of = source.description();
    ContainerHeader header = source.file().header();
    Map<String, String> facts = new LinkedHashMap<>();
    source
        .origin()
        .ifPresent(origin -> {
          facts.put("made from", origin.name() + ", " + origin.layout().kind());
          facts.put("asked for", origin.codec());
          facts.put(
              "kept exactly",
              "first %d, newest %d tokens".formatted(origin.first(), origin.newest()));
        });
    shape(of, facts);
    facts.put(
        "blocks",
        "%,d of %d tokens".formatted(source.file().blocks().size(), header.chunkTokens()));
    facts.put("levels", String.join(", ", header.plan().levels()));
    facts.put("token ids", header.tokenIds().isPresent() ? "stored" : "none");
    facts.put("attachments", Integer.toString(source.file().attachmentCount()));
    long original = source.origin().map(origin -> origin.layout().fileBytes()).orElse(of.bytes());
    long stored = source.file().bytes();
    return new Inspection(
        file, "varve", facts, original, stored, (double) original / stored, layers(source));
  }

  private static void shape(KvDescription of, Map<String, String> facts) {
    facts.put("holds", of.summary());
    if (!of.model().isEmpty()) {
      facts.put("model", of.model());
    }
    RopeSpec rope = of.shape().layers().getFirst().rope();
    if (of.complete() && rope.dims() > 0) {
      facts.put(
          "rope",
          "%d dimensions, theta %s, %s, %s"
              .formatted(rope.dims(), rope.theta(), rope.pairing(), rope.stored())
              .toLowerCase(java.util.Locale.ROOT));
    }
  }

  private static List<LayerReport> layers(ContainerSource source) {
    KvDescription of = source.description();
    Map<Integer, Long> bytes = new TreeMap<>();
    Map<Integer, String> codecs = new TreeMap<>();
    for (BlockEntry block : source.file().blocks()) {
      int layer = block.address().layer();
      bytes.merge(layer, StoredSize.ofBlock(block.bytes()), Long::sum);
      codecs.putIfAbsent(layer, Encodings.name(block.info().encoding()));
    }
    List<LayerReport> measured = LayerReports.of(source);
    List<LayerReport> layers = new ArrayList<>();
    for (int layer = 0; layer < of.shape().layerCount(); layer++) {
      LayerReport known =
          measured.isEmpty()
              ? new LayerReport(layer, codecs.getOrDefault(layer, "-"), 0, 0, 0, 0, 0, 0, 0, "none")
              : measured.get(layer);
      layers.add(
          new LayerReport(
              layer,
              known.codec(),
              bytes(of, layer),
              bytes.getOrDefault(layer, 0L),
              known.exactBlocks(),
              known.keyError(),
              known.valueError(),
              known.logitError(),
              known.outputError(),
              known.queries()));
    }
    return layers;
  }

  private static long bytes(KvDescription of, int layer) {
    return of.tokens()
        * (of.tokenBytes(layer, Section.KEYS) + of.tokenBytes(layer, Section.VALUES));
  }
}
