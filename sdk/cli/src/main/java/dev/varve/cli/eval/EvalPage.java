package dev.varve.cli.eval;

import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Html;
import dev.varve.cli.text.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The rows as a web page of its own: pictures of quality against memory, then every figure. */
public final class EvalPage {
  private static final String STYLE =
      """
      :root { --ink: #1d2733; --soft: #5c6773; --rule: #e3e7eb; --paper: #ffffff; --own: #0b6e99;
        --other: #d5dbe1; --late: #c2571a; --bad: #d9822b; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #97a3af;
        --rule: #2b3540; --paper: #12181f; --own: #4db8e8; --other: #323d48;
        --late: #f0955a; --bad: #c96f1e; } }
      body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
        max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
      p, caption { color: var(--soft); } code { overflow-wrap: anywhere; }
      .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 8px; }
      .grid svg { width: 100%; font-family: inherit; }
      .name { font-size: 12px; font-weight: 600; fill: var(--ink); }
      .tick { font-size: 9px; fill: var(--soft); } .axis { stroke: var(--rule); }
      .shared { position: absolute; width: 0; height: 0; } .long { font-size: 9px; }
      path { fill: none; stroke-linecap: round; } .other { stroke: var(--other); stroke-width: .8; }
      .own { stroke: var(--own); stroke-width: 2.4; } .unseen { stroke-dasharray: 4 3; }
      .own.unseen { stroke: var(--late); }
      .own.dot { stroke-width: 7; } .own.unseen.dot { stroke-opacity: .6; stroke-width: 11; }
      .dot { stroke-dasharray: none; }
      .scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; }
      th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid var(--rule);
        white-space: nowrap; }
      th:first-child, td:first-child { text-align: left; }
      thead th { position: sticky; top: 0; background: var(--paper); }
      .heat td, .heat th { padding: 2px 6px; font-variant-numeric: tabular-nums; }
      .heat th.part { text-align: center; }
      .heat td.good { background: color-mix(in srgb, var(--own) calc(var(--share) * .6), var(--paper)); }
      .heat td.bad { background: color-mix(in srgb, var(--bad) calc(var(--share) * .7), var(--paper)); }
      """;

  private final List<EvalRow> rows;

  private EvalPage(List<EvalRow> rows) {
    this.rows = rows;
  }

  /**
   * The page.
   *
   * @param title what was evaluated
   * @param setting how: one sentence each
   * @param rows at least one
   */
  public static String render(String title, List<String> setting, List<EvalRow> rows) {
    return new EvalPage(rows).page(title, setting);
  }

  private String page(String title, List<String> setting) {
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    html.append(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    html.append(Html.escaped(title)).append("</title>\n<style>\n").append(STYLE);
    html.append("</style></head>\n<body>\n<h1>").append(Html.escaped(title)).append("</h1>\n");
    setting.forEach(line -> html.append("<p>").append(Html.escaped(line)).append("</p>\n"));
    html.append(
        "<p>Seen: the question stood in the prompt when tokens were forgotten. Unseen: it came"
            + " later. With the whole cache ");
    html.append(fixed(rows.getFirst().needleRecallFull())).append(" of the questions are answered");
    html.append(" and the loss is ").append(fixed(rows.getFirst().lossFull()));
    html.append(" nats a token.</p>\n<h2>At a glance</h2>\n");
    html.append(new EvalOverview(rows).draw());
    html.append(
        "<p>Each picture below: one policy over the share of the rows that its steps read, the"
            + " others in grey. Solid: the question was seen. Dashed: it was not.</p>\n");
    chart(html, "Needle questions answered, share (higher is better)", EvalRow::needleRecall);
    chart(html, "Loss added to the next tokens, nats (lower is better)", EvalRow::lossAdded);
    chart(html, "Relative error of attention outputs (lower is better)", EvalRow::attentionError);
    chart(html, "Attention on kept tokens, share (higher is better)", EvalRow::mass);
    return html.append(table()).append("</body></html>\n").toString();
  }

  private void chart(StringBuilder html, String heading, ToDoubleFunction<EvalRow> figure) {
    html.append("<h2>").append(heading).append("</h2>\n");
    String id = "grid" + html.length();
    html.append(new PanelGrid(id, rows, figure).draw());
  }

  private String table() {
    StringBuilder html =
        new StringBuilder("<h2>Every figure</h2>\n<div class=\"scroll\"><table>\n");
    html.append(
        "<thead><tr><th>policy</th><th>budget</th><th>question</th><th>loss</th><th>full</th>");
    html.append(
        "<th>needles</th><th>full</th><th>error</th><th>mass</th><th>rows</th><th>scored</th><th>bytes</th>");
    html.append("<th>of</th><th>time</th></tr></thead>\n");
    for (EvalRow row : rows) {
      html.append("<tr>");
      cell(html, Html.escaped(row.policy()));
      cell(html, Numbers.share(row.budget()));
      cell(html, row.questionVisible() ? "seen" : "unseen");
      cell(html, fixed(row.loss()));
      cell(html, fixed(row.lossFull()));
      cell(html, fixed(row.needleRecall()));
      cell(html, fixed(row.needleRecallFull()));
      cell(html, fixed(row.attentionError()));
      cell(html, fixed(row.mass()));
      cell(html, fixed(row.rowsAttended()));
      cell(html, ByteSize.format(row.bytesScored()));
      cell(html, ByteSize.format(row.bytes()));
      cell(html, ByteSize.format(row.bytesFull()));
      cell(html, Numbers.duration(row.seconds()));
      html.append("</tr>\n");
    }
    return html.append("</table></div>\n").toString();
  }

  private static void cell(StringBuilder html, String content) {
    html.append("<td>").append(content).append("</td>");
  }

  private static String fixed(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
