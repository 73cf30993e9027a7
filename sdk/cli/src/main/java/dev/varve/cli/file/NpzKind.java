package dev.varve.cli.file;

import dev.varve.cli.file.TensorTable.Entry;
import dev.varve.cli.file.TensorTable.Names;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A zip archive of numpy arrays, {@code k_0}, {@code v_0} and so on, stored or deflated. Deflated
 * ones are first unpacked to a temporary file and are stored when they are written again.
 */
final class NpzKind implements FileKind {

  static final String NAME = "npz";
  private static final String ENDING = ".npy";
  private static final List<Names> KNOWN =
      List.of(
          Names.of("k_{layer}", "v_{layer}"),
          Names.of("key_{layer}", "value_{layer}"),
          Names.of("keys_{layer}", "values_{layer}"),
          Names.of("layers.{layer}.keys", "layers.{layer}.values"),
          Names.of("key_cache.{layer}", "value_cache.{layer}"));

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(ForeignFile file) {
    return ZipDirectory.recognises(file);
  }

  @Override
  public KvSource open(ForeignFile file, KindOptions options, Arena arena) throws IOException {
    List<ZipMember> members = ZipDirectory.read(file);
    for (ZipMember member : members) {
      if (member.name().endsWith(".pkl")) {
        throw file.refused(Pickles.REFUSAL);
      }
    }
    if (!members.stream().allMatch(ZipMember::plain)) {
      return new NpzUnpacking(file, members, arena).open(options, this);
    }
    TensorTable table = new TensorTable(file);
    KvLayout.Builder layout = new KvLayout.Builder(NAME);
    for (ZipMember member : members) {
      if (member.name().endsWith(ENDING)) {
        add(file, member, table, layout);
      }
    }
    KvDescription found = table.describe(table.names(options, KNOWN), options, layout);
    return new MappedSource(arena, file, found, layout.build(file.size()));
  }

  private static void add(
      ForeignFile file, ZipMember member, TensorTable table, KvLayout.Builder layout) {
    String name = member.name().substring(0, member.name().length() - ENDING.length());
    NpyHeader header = NpyHeader.read(file, member.data(), name);
    long at = member.data().offset() + header.bytes();
    Extent elements = new Extent(at, member.size() - header.bytes());
    table.add(new Entry(name, header.dtype(), header.shape(), elements));
    layout.sum(new SumField(member.data(), member.sums()));
  }

  @Override
  public NewFile plan(KvDescription description, KindOptions options) {
    Names names =
        options.keys().isPresent()
            ? Names.of(options.keys().get(), options.values().orElseThrow())
            : KNOWN.getFirst();
    Dtype dtype = description.shape().dtype();
    ZipPlan zip = new ZipPlan();
    KvLayout.Builder layout = new KvLayout.Builder(NAME);
    Map<Long, MemorySegment> opaque = new LinkedHashMap<>();
    List<ZipPlan.Placed> members = new ArrayList<>();
    for (int layer = 0; layer < description.shape().layerCount(); layer++) {
      for (Section section : Section.values()) {
        int dim = description.dim(layer, section);
        long heads = description.shape().layers().get(layer).kvHeads();
        byte[] header =
            NpyHeader.write(dtype, List.of(heads, (long) description.tokens(), (long) dim));
        long bytes = description.tokens() * description.tokenBytes(layer, section);
        String name = (section == Section.KEYS ? names.keys() : names.values()).name(layer);
        ZipPlan.Placed member = zip.add(name + ENDING, header, bytes);
        opaque.put(member.offset(), MemorySegment.ofArray(member.front()));
        layout.place(
            SectionPlace.dense(
                layer, section, member.data(), description.tokens(), dim, dtype.bytes()),
            new Extent(member.data(), bytes));
        members.add(member);
      }
    }
    ZipPlan.Directory directory = zip.directory();
    opaque.put(directory.offset(), MemorySegment.ofArray(directory.bytes()));
    for (int i = 0; i < members.size(); i++) {
      layout.sum(members.get(i).sum(directory.sums().get(i)));
    }
    KvLayout planned = layout.build(directory.offset() + directory.bytes().length);
    return new NewFile(planned, opaque);
  }
}
