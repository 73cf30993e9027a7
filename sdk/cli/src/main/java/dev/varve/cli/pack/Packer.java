package dev.varve.cli.pack;

import dev.varve.cli.file.Extent;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.OpaquePieces;
import dev.varve.cli.file.Origin;
import dev.varve.cli.run.Stopped;
import dev.varve.compression.Codecs;
import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.compression.container.Attachment;
import dev.varve.compression.container.AttachmentSource;
import dev.varve.compression.container.BlockAddress;
import dev.varve.compression.container.BlockInfo;
import dev.varve.compression.container.ContainerHeader;
import dev.varve.compression.container.ContainerWriter;
import dev.varve.compression.container.EncodingPlan;
import dev.varve.compression.container.Existing;
import dev.varve.compression.container.ModelIdentity;
import dev.varve.compression.container.SourceDescription;
import dev.varve.compression.container.TokenIds;
import dev.varve.store.Encoding;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongConsumer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a source as a container: blocks in parallel, appended in order, so that the bytes do not
 * depend on the number of threads, nor on whether the work was stopped and gone on with. For one
 * thread.
 */
public final class Packer {

  /** Name of the attachment with the {@link LayerReport}s. */
  public static final String REPORT = "varve.report";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final KvSource source;
  private final List<Encoding> plan;
  private final PackOptions options;
  private final Origin origin;

  /**
   * A packer of one source.
   *
   * @param plan an encoding for each layer
   * @param origin what the container is to remember of the source
   */
  public Packer(KvSource source, List<Encoding> plan, PackOptions options, Origin origin) {
    this.source = source;
    this.plan = List.copyOf(plan);
    this.options = options;
    this.origin = origin;
  }

  /**
   * Writes the container. Blocks that a stopped run left are kept if they are of the same rows.
   *
   * @param progress hears how many bytes of keys and values are done
   * @throws Stopped if the process was told to end: says where the blocks are kept
   */
  public Packed write(Path target, Existing existing, LongConsumer progress)
      throws IOException, InterruptedException {
    String reason;
    try (ContainerWriter writer =
        ContainerWriter.resume(target, header(), existing, options.backend())) {
      return write(writer, Optional.empty(), progress);
    } catch (ChangedSource e) {
      reason = String.valueOf(e.getMessage());
    }
    try (ContainerWriter writer =
        ContainerWriter.create(target, header(), existing, options.backend())) {
      return write(writer, Optional.of(reason), progress);
    }
  }

  private Packed write(ContainerWriter writer, Optional<String> begunAnew, LongConsumer progress)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared()) {
      List<LayerTotal> totals = new ArrayList<>();
      for (int layer = 0; layer < plan.size(); layer++) {
        totals.add(new LayerTotal());
      }
      int kept = blocks(writer, arena, totals, progress);
      tables(writer);
      List<LayerReport> reports = reports(totals, arena);
      for (OpaquePieces.Piece piece : OpaquePieces.of(source.layout())) {
        writer.attach(piece.attachment(), (at, into) -> into.copyFrom(opaque(piece, at, into)));
      }
      byte[] json = JSON.writeValueAsBytes(reports);
      writer.attach(
          new Attachment(REPORT, "U8", List.of((long) json.length), json.length),
          AttachmentSource.of(MemorySegment.ofArray(json)));
      writer.commit();
      return new Packed(reports, kept, begunAnew);
    } catch (Stopped e) {
      throw e.leaving(
          "the same command goes on with what lies in %s; delete that if it should not"
              .formatted(writer.keep()));
    }
  }

  private MemorySegment opaque(OpaquePieces.Piece piece, long at, MemorySegment into)
      throws IOException {
    return source.opaque(new Extent(piece.extent().offset() + at, into.byteSize()));
  }

  private ContainerHeader header() throws IOException {
    KvDescription of = source.description();
    ContainerHeader header =
        ContainerHeader.of(of.shape(), options.blockTokens(), of.tokens())
            .alignedTo(StoredSize.ALIGNMENT)
            .from(new SourceDescription(origin.layout().kind(), Map.of(), origin.text()))
            .planned(EncodingPlan.perLayer(plan));
    if (!of.model().isEmpty()) {
      header = header.of(ModelIdentity.named(of.model()));
    }
    Optional<Extent> ids = source.layout().tokenIds();
    if (ids.isPresent() && ids.get().bytes() == (long) of.tokens() * Integer.BYTES) {
      header = header.withTokens(TokenIds.of(source.opaque(ids.get()).toArray(INT)));
    }
    return header;
  }

  /** A table set for each layer whose encoding needs one. */
  private void tables(ContainerWriter writer) throws IOException {
    for (int layer = 0; layer < plan.size(); layer++) {
      Set<TableKind> needed = Codecs.tables(plan.get(layer));
      if (!needed.isEmpty()) {
        writer.appendTables(layer + 1, options.tables().of(layer).only(needed).bytes());
      }
    }
  }

  private static BlockInfo info(BlockSlot.Written block) {
    int tableSet = Codecs.tables(block.encoding()).isEmpty() ? 0 : block.layer() + 1;
    return new BlockInfo(
        BlockAddress.of(block.layer(), block.chunk()),
        block.encoding(),
        block.tokens(),
        block.dependsOn(),
        tableSet);
  }

  /** Writes all blocks; returns how many were there already. */
  private int blocks(
      ContainerWriter writer, Arena arena, List<LayerTotal> totals, LongConsumer progress)
      throws IOException, InterruptedException {
    KvDescription of = source.description();
    int chunks = Math.ceilDiv(of.tokens(), options.blockTokens());
    long[] done = {0};
    int[] kept = {0};
    OrderedWorkers.Taker<List<BlockSlot.Written>> taker =
        blocks -> {
          for (BlockSlot.Written block : blocks) {
            BlockInfo info = info(block);
            if (writer.kept(info.address()).isPresent()) {
              kept[0]++;
            } else {
              writer.append(info, OptionalInt.of(block.originalCrc()), block.payload());
            }
            totals.get(block.layer()).add(block);
            done[0] +=
                block.tokens()
                    * (of.tokenBytes(block.layer(), Section.KEYS)
                        + of.tokenBytes(block.layer(), Section.VALUES));
            progress.accept(done[0]);
          }
        };
    List<BlockSlot> slots = new ArrayList<>();
    for (int i = 0; i < OrderedWorkers.SLOTS_PER_THREAD * options.threads(); i++) {
      slots.add(new BlockSlot(source, options, plan, writer::kept, arena));
    }
    try (OrderedWorkers<BlockSlot, List<BlockSlot.Written>> workers =
        new OrderedWorkers<>(options.threads(), slots, taker)) {
      if (Dependences.any(plan)) {
        chunkByChunk(workers, chunks);
      } else {
        layerByLayer(workers, chunks);
      }
      workers.finish();
    }
    return kept[0];
  }

  private void layerByLayer(OrderedWorkers<BlockSlot, List<BlockSlot.Written>> workers, int chunks)
      throws IOException, InterruptedException {
    for (int layer = 0; layer < plan.size(); layer++) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        int number = layer;
        int at = chunk;
        workers.submit(slot -> List.of(slot.write(number, at, plan.get(number))));
      }
    }
  }

  /** Where layers are predicted from others, so that each is written and read back once. */
  private static void chunkByChunk(
      OrderedWorkers<BlockSlot, List<BlockSlot.Written>> workers, int chunks)
      throws IOException, InterruptedException {
    for (int chunk = 0; chunk < chunks; chunk++) {
      int at = chunk;
      workers.submit(slot -> slot.writeAll(at));
    }
  }

  private List<LayerReport> reports(List<LayerTotal> totals, Arena arena) throws IOException {
    KvDescription of = source.description();
    BlockSlot slot = new BlockSlot(source, options, plan, arena);
    List<LayerReport> reports = new ArrayList<>();
    for (int layer = 0; layer < plan.size(); layer++) {
      LayerTotal total = totals.get(layer);
      Optional<LayerMeasure> measure = measure(layer, total, slot);
      reports.add(
          new LayerReport(
              layer,
              Encodings.name(plan.get(layer)),
              of.tokens()
                  * (of.tokenBytes(layer, Section.KEYS) + of.tokenBytes(layer, Section.VALUES)),
              total.bytes,
              total.refused,
              total.keys.relative(),
              total.values.relative(),
              measure.map(found -> found.error().logits()).orElse(0.0),
              measure.map(found -> found.error().output()).orElse(0.0),
              measure.map(found -> found.realQueries() ? "stored" : "sampled").orElse("none")));
    }
    return reports;
  }

  /** Attention error, unless there is none. */
  private Optional<LayerMeasure> measure(int layer, LayerTotal total, BlockSlot slot)
      throws IOException {
    if (total.keys.different() + total.values.different() == 0) {
      return Optional.empty();
    }
    Sample sample =
        Sample.of(source.description().tokens(), options.blockTokens(), options.sampleTokens());
    return Optional.of(
        new LayerMeter(source, layer, options.blockTokens(), sample, slot)
            .measure(plan.get(layer)));
  }

  /** Sums over the blocks of a layer. */
  private static final class LayerTotal {
    private final SectionError keys = new SectionError();
    private final SectionError values = new SectionError();
    private long bytes;
    private int refused;

    void add(BlockSlot.Written block) {
      keys.add(block.keys());
      values.add(block.values());
      bytes += StoredSize.ofBlock(block.payload().byteSize());
      refused += block.refused() ? 1 : 0;
    }
  }
}
