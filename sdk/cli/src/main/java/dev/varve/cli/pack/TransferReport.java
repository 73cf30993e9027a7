package dev.varve.cli.pack;

import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import java.util.List;

/**
 * What came of writing a file of keys and values.
 *
 * @param source the file that was read
 * @param target the file
 * @param status {@code written} or {@code skipped}
 * @param kind its kind
 * @param tokens tokens
 * @param bytes its bytes
 */
public record TransferReport(
    String source, String target, String status, String kind, int tokens, long bytes) {

  /** One line a file. */
  public static Table table(List<TransferReport> reports) {
    Table table = new Table("file", "kind", "tokens", "bytes", "").left(1);
    for (TransferReport report : reports) {
      table.row(
          report.target,
          report.kind,
          Numbers.count(report.tokens),
          ByteSize.format(report.bytes),
          report.status);
    }
    return table;
  }
}
