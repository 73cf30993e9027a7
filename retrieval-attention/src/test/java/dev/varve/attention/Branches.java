package dev.varve.attention;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Sessions that branch from each other: each is a path of blocks that begins like those of its
 * neighbours, and behind it an end of its own that fills no block.
 */
final class Branches {
  static final int SPAN = 32;

  /**
   * @param path numbers of blocks
   * @param tail block that holds the end
   * @param tailTokens tokens of the end
   * @param chunk tokens that ask, the last ones
   */
  record Member(List<Integer> path, int tail, int tailTokens, int chunk) {
    int length() {
      return path.size() * SPAN + tailTokens;
    }
  }

  final RandomLayer layer;
  final List<Member> members = new ArrayList<>();
  final int tokens;

  Branches(SplittableRandom random, LayerShape shape, Dtype dtype, int count) {
    List<List<Integer>> paths = new ArrayList<>();
    int used = 0;
    for (int m = 0; m < count; m++) {
      List<Integer> parent = m == 0 ? List.of() : paths.get(random.nextInt(m));
      List<Integer> path = new ArrayList<>(parent.subList(0, random.nextInt(parent.size() + 1)));
      for (int more = random.nextInt(4); more > 0; more--) {
        path.add(used++);
      }
      paths.add(path);
    }
    paths.sort(
        Comparator.comparing(
            path -> String.join(",", path.stream().map(n -> String.format("%06d", n)).toList())));
    int sum = 0;
    for (List<Integer> path : paths) {
      int tail = random.nextInt(1, SPAN);
      int chunk = 1 + random.nextInt(Math.min(3, tail));
      members.add(new Member(path, used++, tail, chunk));
      sum += chunk;
    }
    tokens = sum;
    layer = new RandomLayer(random, shape, dtype, SPAN, used * SPAN);
  }

  /** Queries of all members, one after the other. */
  float[] queries() {
    return Arrays.copyOf(layer.queries, tokens * layer.shape.queryHeads() * layer.shape.keyDim());
  }

  /** What each member gets alone. */
  float[] alone(AttentionKernel kernel) {
    ExactAttention attention = new ExactAttention(kernel);
    int dk = layer.shape.queryHeads() * layer.shape.keyDim();
    int dv = layer.shape.queryHeads() * layer.shape.valueDim();
    float[] out = new float[tokens * dv];
    int at = 0;
    for (Member member : members) {
      int first = member.length() - member.chunk();
      attention.start(layer.shape, layer.queries, at * dk, first, member.chunk());
      for (int i = 0; i < member.path().size(); i++) {
        attention.addBlock(layer.blocks.get(member.path().get(i)), layer.geometry, i * SPAN, SPAN);
      }
      attention.addBlock(
          layer.blocks.get(member.tail()),
          layer.geometry,
          member.path().size() * SPAN,
          member.tailTokens());
      attention.finish(out, at * dv);
      at += member.chunk();
    }
    return out;
  }

  /** Begins with all members. */
  void start(SharedPrefixAttention attention) {
    int dk = layer.shape.queryHeads() * layer.shape.keyDim();
    attention.start(layer.shape, members.size(), tokens);
    int at = 0;
    for (Member member : members) {
      int first = member.length() - member.chunk();
      attention.add(layer.queries, at * dk, first, member.chunk());
      at += member.chunk();
    }
  }

  /** Hands every shared block over once; returns how many were handed over. */
  int addShared(SharedPrefixAttention attention) {
    int handed = 0;
    int deepest = members.stream().mapToInt(member -> member.path().size()).max().orElse(0);
    for (int depth = 0; depth < deepest; depth++) {
      for (int from = 0; from < members.size(); ) {
        List<Integer> path = members.get(from).path();
        int to = from + 1;
        while (to < members.size() && shares(path, members.get(to).path(), depth)) {
          to++;
        }
        if (depth < path.size()) {
          attention.addBlock(
              layer.blocks.get(path.get(depth)), layer.geometry, depth * SPAN, SPAN, from, to);
          handed++;
        }
        from = to;
      }
    }
    return handed;
  }

  private static boolean shares(List<Integer> a, List<Integer> b, int depth) {
    return a.size() > depth && b.size() > depth && a.get(depth).equals(b.get(depth));
  }

  /** Hands over the ends, each to its member. */
  void addTails(SharedPrefixAttention attention) {
    for (int m = 0; m < members.size(); m++) {
      Member member = members.get(m);
      attention.addBlock(
          layer.blocks.get(member.tail()),
          layer.geometry,
          member.path().size() * SPAN,
          member.tailTokens(),
          m,
          m + 1);
    }
  }

  /** The outputs of all members, one after the other. */
  void finish(SharedPrefixAttention attention, float[] out) {
    int dv = layer.shape.queryHeads() * layer.shape.valueDim();
    int at = 0;
    for (int m = 0; m < members.size(); m++) {
      attention.finish(m, out, at * dv);
      at += members.get(m).chunk();
    }
  }

  float[] out() {
    return new float[tokens * layer.shape.queryHeads() * layer.shape.valueDim()];
  }
}
