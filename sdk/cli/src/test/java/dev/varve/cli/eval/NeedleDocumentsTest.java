package dev.varve.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NeedleDocumentsTest {

  @Test
  void hidesEveryFactInProseOfTheLengthAskedFor() throws IOException {
    NeedleDocuments documents = new NeedleDocuments(Prose.bundled(), new Random(7));
    Set<Integer> counts = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      NeedleDocument document = documents.next(700);

      assertThat(document.text()).hasSize(700).matches("[\\n -~]+");
      counts.add(document.facts().size());
      int from = 0;
      for (Fact fact : document.facts()) {
        assertThat(document.text().indexOf(fact.note(), from)).isNotNegative();
        from = document.text().indexOf(fact.note(), from) + fact.note().length();
        assertThat(fact.word()).matches("[a-z]{4,9}");
        assertThat(fact.value()).matches("[a-z]{4,9}|[0-9]{4,6}");
      }
      assertThat(document.facts().stream().map(Fact::word)).doesNotHaveDuplicates();
    }
    assertThat(counts).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
  }

  @Test
  void sameSeedGivesTheSameDocuments() throws IOException {
    NeedleDocuments first = new NeedleDocuments(Prose.bundled(), new Random(3));
    NeedleDocuments second = new NeedleDocuments(Prose.bundled(), new Random(3));
    NeedleDocuments other = new NeedleDocuments(Prose.bundled(), new Random(4));

    NeedleDocument document = first.next(500);

    assertThat(second.next(500)).isEqualTo(document);
    assertThat(other.next(500)).isNotEqualTo(document);
  }

  @Test
  void refusesProseThatDoesNotSuffice() {
    assertThatThrownBy(() -> new NeedleDocuments("too few words here", new Random(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("different words")
        .hasMessageContaining("12");
    String prose = "alpha bravo charlie delta echos foxtrot golfs hotels india julia kilos limas\n";
    assertThatThrownBy(() -> new NeedleDocuments(prose, new Random(1)).next(5000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5000");
  }
}
