package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.compression.Section;
import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A file of one sequence that llama.cpp is to load: for which model, and for which attention
 * kernel. Tokens that come from a file of llama.cpp keep their positions and the form of their
 * build; all others are written for build b4916 at positions 0, 1 and so on.
 *
 * @param model that will go on from the file; needed unless the tokens come from llama.cpp
 * @param flashAttention whether its context computes with flash attention, and so keeps values by
 *     token
 */
public record LlamaTarget(Optional<ModelDimensions> model, Optional<Boolean> flashAttention) {

  private static final double SAME_BASE = 1e-5;

  /**
   * What is written, and where from.
   *
   * @param source keys and values in the order that the model wants
   * @param sink the file, begun
   */
  public record Writing(KvSource source, KvSink sink) {}

  /**
   * Begins a file.
   *
   * @param from closed by its owner
   * @param dtype element type of the file
   * @throws CommandFailure if the model cannot go on from these tokens: says why
   */
  public Writing begin(Path target, KvSource from, Dtype dtype) throws IOException {
    KvDescription of = from.description();
    boolean own = from.layout().kind().equals(LlamaKind.NAME);
    if (of.tokens() == 0) {
      throw refused(
          own
              ? "its keys and values cannot be told apart; varve decompress gives it back as it is"
              : "there are no tokens to write");
    }
    LlamaFront front = own ? front(from) : started(from);
    model.ifPresent(dimensions -> check(dimensions, of, own, front.ids()));
    if (!front.byChannel() && dtype == Dtype.F32) {
      throw refused("flash attention does not read f32: take --dtype f16, or leave it out");
    }
    KvDescription written =
        new KvDescription(
            new ModelShape(of.shape().layers(), dtype), of.tokens(), of.complete(), of.model());
    NewFile file = plan(front, written);
    KvSource source =
        model.isPresent() && !own ? RopePairs.of(from, model.get().rope().pairing()) : from;
    return new Writing(source, KvSink.create(target, file.layout(), written, file::opaque));
  }

  /** The front of the file of llama.cpp that the tokens come from. */
  private LlamaFront front(KvSource from) throws IOException {
    LlamaFront read =
        LlamaFront.read(from.opaque(from.layout().opaque().getFirst()), from.description().tokens())
            .orElseThrow(() -> refused("its token ids and positions cannot be read"));
    return flashAttention.map(flash -> read.byChannel(!flash)).orElse(read);
  }

  /** A front for tokens that llama.cpp did not compute. */
  private LlamaFront started(KvSource from) throws IOException {
    if (model.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "--gguf MODEL is needed: the model in which llama.cpp is to go on");
    }
    int[] ids =
        from.tokenIds()
            .orElseThrow(() ->
                refused(
                    "it holds no token ids, by which llama.cpp finds what it has computed: files of"
                        + " varve capture and containers made of them do"));
    return LlamaFront.of(ids, !flashAttention.orElse(false));
  }

  private static void check(ModelDimensions model, KvDescription of, boolean own, int[] ids) {
    int layers = of.shape().layerCount();
    if (layers != model.layers()) {
      throw refused("it has %d layers, the model %d".formatted(layers, model.layers()));
    }
    for (int i = 0; i < layers; i++) {
      LayerShape layer = of.shape().layers().get(i);
      boolean fits =
          own
              ? layer.kvHeads() * layer.keyDim() == model.kvHeads() * model.keyDim()
                  && layer.kvHeads() * layer.valueDim() == model.kvHeads() * model.valueDim()
              : layer.kvHeads() == model.kvHeads()
                  && layer.keyDim() == model.keyDim()
                  && layer.valueDim() == model.valueDim();
      if (!fits) {
        throw refused(
            "layer %d has %d KV heads of %d and %d elements, the model %d of %d and %d"
                .formatted(
                    i,
                    layer.kvHeads(),
                    layer.keyDim(),
                    layer.valueDim(),
                    model.kvHeads(),
                    model.keyDim(),
                    model.valueDim()));
      }
      if (!own) {
        check(model, i, layer.rope());
      }
    }
    for (int id : ids) {
      if (id < 0 || id >= model.vocabulary()) {
        throw refused(
            "its token ids go up to %d or more, those of the model to %d"
                .formatted(id, model.vocabulary() - 1));
      }
    }
  }

  private static void check(ModelDimensions model, int layer, RopeSpec rope) {
    RopeSpec wanted = model.rope();
    if (rope.dims() == 0) {
      throw refused(
          "it does not say how its keys were turned, and llama.cpp keeps turned keys: files of"
              + " varve capture and containers made of them say it");
    }
    if (rope.stored() == RopeSpec.Stored.PRE_ROPE) {
      throw refused("its keys are not turned yet, and llama.cpp keeps turned keys");
    }
    if (rope.dims() != wanted.dims()
        || Math.abs(rope.theta() - wanted.theta()) > SAME_BASE * wanted.theta()) {
      throw refused(
          "keys of layer %d are turned in %d elements with base %s, those of the model in %d with %s"
              .formatted(layer, rope.dims(), rope.theta(), wanted.dims(), wanted.theta()));
    }
  }

  private static NewFile plan(LlamaFront front, KvDescription of) {
    KvLayout.Builder layout = new KvLayout.Builder(LlamaKind.NAME);
    Map<Long, MemorySegment> opaque = new HashMap<>();
    byte[] begin = front.write(of.shape().layerCount());
    long at = begin.length;
    byte[] before = begin;
    for (Section section : Section.values()) {
      for (int layer = 0; layer < of.shape().layerCount(); layer++) {
        boolean byChannel = section == Section.VALUES && front.byChannel();
        ByteBuffer header =
            ByteBuffer.allocate(before.length + LlamaFront.ROWS_HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(before)
                .putInt(LlamaType.of(of.shape().dtype()));
        long row = of.tokenBytes(layer, section);
        int element = of.shape().dtype().bytes();
        if (byChannel) {
          header.putInt(element).putInt(Math.toIntExact(row / element));
        } else {
          header.putLong(row);
        }
        opaque.put(at - before.length, MemorySegment.ofArray(header.array()));
        at += LlamaFront.ROWS_HEADER;
        before = new byte[0];
        long column = (long) of.tokens() * element;
        long dim = of.dim(layer, section);
        SectionPlace place =
            byChannel
                ? new SectionPlace(layer, section, at, dim * column, element, column)
                : new SectionPlace(layer, section, at, dim * element, row, element);
        layout.place(place, new Extent(at, of.tokens() * row));
        at += of.tokens() * row;
      }
    }
    return new NewFile(layout.build(at), opaque);
  }

  private static CommandFailure refused(String sentence) {
    return new CommandFailure(ExitCode.NO, "llama.cpp cannot go on from this: " + sentence);
  }
}
