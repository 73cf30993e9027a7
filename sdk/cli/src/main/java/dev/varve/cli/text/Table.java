package dev.varve.cli.text;

import dev.varve.store.Checks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows under a header and a line. The first column is flush left, the others flush right, unless
 * {@link #left} says otherwise.
 */
public final class Table {

  private static final String INDENT = "  ";
  private static final String GAP = "   ";

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();
  private final boolean[] left;

  public Table(String... header) {
    this.header = List.of(header);
    this.left = new boolean[header.length];
    left[0] = true;
  }

  /** Sets a column flush left. */
  public Table left(int column) {
    left[column] = true;
    return this;
  }

  /** Adds a row with as many cells as the header has. */
  public Table row(String... cells) {
    Checks.inRange(cells.length, header.size(), header.size(), "cells of a row");
    rows.add(Arrays.asList(cells));
    return this;
  }

  /** The text, each line ended; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    int[] widths = new int[header.size()];
    measure(header, widths);
    rows.forEach(row -> measure(row, widths));
    StringBuilder text = new StringBuilder();
    line(text, header, widths);
    int total = Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
    text.append(INDENT).repeat(lines ? '\u2500' : '-', total).append('\n');
    rows.forEach(row -> line(text, row, widths));
    return text.toString();
  }

  private static void measure(List<String> row, int[] widths) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], row.get(i).length());
    }
  }

  private void line(StringBuilder text, List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder(INDENT);
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      int padding = widths[i] - cell.length();
      line.append(i == 0 ? "" : GAP);
      if (left[i]) {
        line.append(cell).repeat(' ', padding);
      } else {
        line.repeat(' ', padding).append(cell);
      }
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
