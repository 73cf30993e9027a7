package dev.varve.attention.policy;

import static dev.varve.attention.policy.PolicyOptions.MOST;
import static dev.varve.attention.policy.PolicyOptions.dense;
import static dev.varve.attention.policy.PolicyOptions.window;

import dev.varve.attention.index.PageIndex;
import dev.varve.attention.index.RepresentativeIndex;
import dev.varve.attention.index.SentenceCut;
import dev.varve.attention.index.SentenceIndex;
import dev.varve.attention.index.StickyIndex;
import dev.varve.attention.select.Reuse;
import dev.varve.attention.select.Window;
import dev.varve.store.text.CallOptions;
import java.util.List;
import java.util.Set;

/** Policies that pick pages, chunks, blocks or sentences. */
final class PagePolicies {
  private static final List<Integer> ENDS_OF_ASCII_SENTENCES =
      List.of((int) '\n', (int) '!', (int) '.', (int) '?');

  private PagePolicies() {}

  static SelectorPolicy quest(CallOptions options) {
    int page = options.count("page", 16, 1, 1 << 20);
    Window window = window(options, 0, 1024, 16);
    int dense = dense(options, 2);
    return new TextPolicy(
        options.text(),
        window,
        dense,
        (shape, backend) -> PageIndex.quest(shape, page, backend),
        () -> Reuse.NEVER);
  }

  static SelectorPolicy triForce(CallOptions options) {
    int chunk = options.count("chunk", 8, 1, 1 << 20);
    Window window = window(options, 0, 4096, 64);
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) -> PageIndex.chunkMeans(shape, chunk, backend),
        () -> Reuse.NEVER);
  }

  static SelectorPolicy sentences(CallOptions options) {
    Window window = window(options, 32, 1024, 32);
    List<Integer> ends = options.list("ends", ENDS_OF_ASCII_SENTENCES);
    SentenceCut cut = new SentenceCut(Set.copyOf(ends), options.count("longest", 128, 1, MOST));
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) -> new SentenceIndex(shape, cut, backend),
        () -> Reuse.NEVER);
  }

  static SelectorPolicy sticky(CallOptions options) {
    Window window = window(options, 64, 4096, 1024);
    var quota =
        new StickyIndex.Quota(
            options.count("block", 64, 1, 1 << 20),
            options.count("moving", 16, 0, MOST),
            options.count("refresh", 32, 1, MOST));
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) -> new StickyIndex(shape, quota, backend),
        () -> Reuse.NEVER);
  }

  static SelectorPolicy actQkv(CallOptions options) {
    Window window = window(options, 64, 1472, 512);
    int block = options.count("block", 32, 1, 1 << 20);
    int representatives = options.count("representatives", 4, 1, block);
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) -> new RepresentativeIndex(shape, block, representatives, backend),
        () -> Reuse.NEVER);
  }
}
