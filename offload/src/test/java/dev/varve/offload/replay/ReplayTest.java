package dev.varve.offload.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.varve.offload.replacement.PolicyKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest {

  private static final int CHUNK = 512;

  @Test
  void countsAHitBehindAGapAsNoPrefixHit() {
    Trace trace = trace(request(1, 2), request(3), request(2), request(4), request(1, 2));

    Score score = new Replay(trace).run(PolicyKind.LRU, 3);

    assertThat(score).isEqualTo(new Score(7, 2, 1, CHUNK));
    assertThat(score.hitRatio()).isEqualTo(2 / 7.0);
    assertThat(score.prefixHitRatio()).isEqualTo(1 / 7.0);
  }

  @Test
  void savesTheTokensThatAreInThePrompt() {
    Trace trace =
        trace(
            new TraceRequest(0, CHUNK + 10, new long[] {1, 2}),
            new TraceRequest(0, CHUNK + 10, new long[] {1, 2}));

    assertThat(new Replay(trace).infinite().tokensSaved()).isEqualTo(CHUNK + 10);
  }

  @Test
  void knowsTheFutureUnderBelady() {
    Trace trace = trace(request(1), request(2), request(3), request(1), request(2), request(1));

    assertThat(new Replay(trace).belady(1).hits()).isEqualTo(2);
    assertThat(new Replay(trace).belady(2).hits()).isEqualTo(3);
    assertThat(new Replay(trace).run(PolicyKind.LRU, 2).hits()).isEqualTo(1);
  }

  @Test
  void listsPoliciesThenBounds() {
    List<ReplayRow> told = new ArrayList<>();
    List<ReplayRow> rows =
        ReplayTable.run(
            new Replay(trace(request(1), request(1))),
            List.of(PolicyKind.LRU, PolicyKind.VARVE),
            List.of(1, 2),
            told::add);

    assertThat(rows).isEqualTo(told);
    assertThat(rows)
        .extracting(ReplayRow::policy)
        .containsExactly(
            "lru", "lru", "varve", "varve", "belady", "belady", "infinite", "infinite");
    assertThat(rows).allSatisfy(row -> assertThat(row.score().hitRatio()).isEqualTo(0.5));
  }

  @Test
  void refusesACacheOfNoRoom() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Replay(trace(request(1))).run(PolicyKind.LRU, 0))
        .withMessage("capacity must be at least 1: 0");
  }

  @Test
  void drawsALineForEachPolicy() {
    List<ReplayRow> rows =
        ReplayTable.run(
            new Replay(trace(request(1, 2), request(1, 2), request(3), request(1, 2))),
            List.of(PolicyKind.LRU, PolicyKind.VARVE),
            List.of(1, 10),
            row -> {});

    String svg = ReplayChart.svg(rows);

    assertThat(svg).startsWith("<svg ").endsWith("</svg>\n");
    assertThat(svg).contains(">lru</text>", ">varve</text>", ">belady</text>", ">infinite</text>");
    assertThat(svg).contains(">1</text>", ">10</text>");
    assertThat(ReplayChart.html(rows)).startsWith("<!DOCTYPE html>").contains(svg);
    assertThat(svg.split("<circle ", -1)).hasSize(1 + rows.size());
  }

  @Test
  void drawsASingleCapacity() {
    ReplayRow row = new ReplayRow("lru", 5, new Score(4, 1, 1, 512));

    assertThat(ReplayChart.svg(List.of(row))).doesNotContain("NaN").contains(">5</text>");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReplayChart.svg(List.of()))
        .withMessage("a chart needs at least one row");
  }

  private static TraceRequest request(long... chunks) {
    return new TraceRequest(0, chunks.length * CHUNK, chunks);
  }

  private static Trace trace(TraceRequest... requests) {
    return new Trace(List.of(requests), CHUNK);
  }
}
