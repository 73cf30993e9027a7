package dev.varve.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvalPageTest {

  private static List<EvalRow> rows() {
    List<EvalRow> rows = new ArrayList<>();
    for (String policy : List.of("snapkv(window=16)", "random<&>")) {
      for (double budget : new double[] {0.5, 0.25, 0.125}) {
        for (boolean visible : new boolean[] {true, false}) {
          double lost = (1 - budget) * (policy.startsWith("s") ? 0.3 : 0.9);
          rows.add(
              new EvalRow(
                  policy,
                  budget,
                  visible,
                  1.1 + lost,
                  1.1,
                  0.8 - lost / 2,
                  0.8,
                  lost,
                  1 - lost,
                  budget,
                  4096,
                  (long) (budget * 3_000_000),
                  3_000_000,
                  0.004));
        }
      }
    }
    return rows;
  }

  @Test
  void pageShowsEveryPolicyAndEscapesNames() {
    String page = EvalPage.render("Title & more", List.of("seed 1"), rows());

    assertThat(page)
        .contains("<title>Title &amp; more</title>", "snapkv(window=16)", "random&lt;&amp;&gt;")
        .doesNotContain("random<", "NaN", "Infinity");
    assertThat(page.split("<svg ", -1)).hasSize(1 + 3 * 4);
    assertThat(page.split("<tr>", -1)).as("two tables").hasSize(1 + (2 + 2) + (1 + rows().size()));
  }

  @Test
  void figuresThatWereNotMeasuredAreNotDrawn() {
    EvalRow row =
        new EvalRow("p", 0.5, true, 1, 1, Double.NaN, Double.NaN, 0.1, 0.9, 0.5, 0, 10, 20, 0.1);

    String panels = new PanelGrid("a", List.of(row), EvalRow::needleRecall).draw();

    assertThat(panels).contains("<svg").doesNotContain("NaN").doesNotContain("<path");
  }

  @Test
  void aPolicyThatWasTriedOnceIsADot() {
    EvalRow row = new EvalRow("p", 0.5, true, 1, 1, 0.5, 1, 0.1, 0.9, 0.5, 0, 10, 20, 0.1);

    String panels = new PanelGrid("a", List.of(row), EvalRow::needleRecall).draw();

    assertThat(panels).containsPattern("class=\"own dot\" d=\"M(\\S+ \\S+) L\\1\"");
  }

  private static EvalRow at(String policy, double budget, boolean visible, double recall) {
    return new EvalRow(policy, budget, visible, 1, 1, recall, 1, 0.1, 0.9, budget, 0, 10, 20, 0.1);
  }

  @Test
  void sizesOfAPolicyAreOneCurveAndOneLine() {
    List<EvalRow> rows =
        List.of(
            at("snapkv", 0.5, true, 0.75),
            at("snapkv", 0.25, true, 0.5),
            at("quest(page=8,init=4,k=190,dense=0)", 0.235, false, 0.875),
            at("quest(page=8,init=4,k=54,dense=0)", 0.55, false, 0.625),
            at("streamingllm(budget=0.403)", 0.402, true, 0.375));

    assertThat(rows.stream().map(EvalRow::family).distinct())
        .containsExactly("snapkv", "quest(page=8,init=4,dense=0)", "streamingllm");
    assertThat(BudgetTicks.of(rows)).containsExactly(0.25, 0.5);
    String panels = new PanelGrid("a", rows, EvalRow::needleRecall).draw();
    assertThat(panels.split("viewBox", -1)).hasSize(1 + 3);
    String overview = new EvalOverview(rows).draw();
    assertThat(overview.split("<code>", -1)).hasSize(1 + 3);
    assertThat(overview).containsPattern("quest[^\n]*0\\.63[^\n]*0\\.88").contains("0.38");
  }

  @Test
  void policiesWithoutBudgetsAreDrawnOverHalvesOfHalves() {
    List<EvalRow> rows = List.of(at("quest(k=9)", 0.1, false, 1), at("quest(k=90)", 0.3, false, 1));

    assertThat(BudgetTicks.of(rows)).containsExactly(0.125, 0.25);
  }

  @Test
  void tableNamesThePolicyAndBothSides() {
    assertThat(EvalTable.render(rows(), false))
        .contains("snapkv(window=16)", "unseen", "+0.150", "of 0.80", "4.0 ms");
  }
}
