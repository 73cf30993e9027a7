package dev.varve.attention.index;

import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;

/** Scores of pages for the query heads of a group, reduced to one score a page. */
final class PageScores {

  /** How the scores of a group's query heads become one. */
  enum Reduction {
    MAX,
    SUM
  }

  private final Reduction reduction;
  private final DotKernel kernel;
  private final StoredRows view = new StoredRows();
  private final FloatRows vectorRows = new FloatRows();
  private final FloatRows one = new FloatRows();
  private final FloatRows dotRows = new FloatRows();
  private float[] vectors = {};
  private float[] dots = {};

  PageScores(Reduction reduction, Backend backend) {
    this.reduction = reduction;
    this.kernel = DotKernel.of(backend);
  }

  /** The scores of pages {@code [from, to)}, from 0 of the result; valid until the next call. */
  float[] score(Pages pages, int kvHead, FloatRows queries, int from, int to) {
    int columns = pages.summary().columns();
    int group = queries.rows();
    int count = to - from;
    if (vectors.length < group * columns) {
      vectors = new float[group * columns];
    }
    if (dots.length < group * count) {
      dots = new float[group * count];
    }
    for (int h = 0; h < group; h++) {
      pages.summary().query(queries.values(), queries.offset(h), vectors, h * columns);
    }
    kernel.multiply(
        pages.rows().view(view, kvHead, from, count),
        vectorRows.at(vectors, 0, columns, group),
        dotRows.at(dots, 0, count, group));
    for (int h = 1; h < group; h++) {
      reduce(h * count, count);
    }
    return dots;
  }

  /** The same for one query of {@code queries}. */
  float[] scoreOne(Pages pages, int kvHead, FloatRows queries, int query, int from, int to) {
    one.at(queries.values(), queries.offset(query), queries.stride(), 1);
    return score(pages, kvHead, one, from, to);
  }

  private void reduce(int other, int count) {
    if (reduction == Reduction.MAX) {
      for (int i = 0; i < count; i++) {
        dots[i] = Math.max(dots[i], dots[other + i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        dots[i] += dots[other + i];
      }
    }
  }
}
