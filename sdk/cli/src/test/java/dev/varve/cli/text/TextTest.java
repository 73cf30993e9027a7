package dev.varve.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "64MiB, 67108864",
    "64 MiB, 67108864",
    "1GB, 1000000000",
    "1.5kb, 1500",
    "2K, 2048",
    "3g, 3221225472",
    "7B, 7",
    "1TiB, 1099511627776",
  })
  void readsSizes(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "-1", "3X", "1e9", "0", "12 34", "9999999TiB", "0.5"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void namesTheTextThatIsNoSize() {
    assertThatThrownBy(() -> ByteSize.parse("3X")).hasMessageStartingWith("'3X' is no size");
  }

  @ParameterizedTest
  @CsvSource({"1, 1 B", "1023, 1023 B", "1024, 1.0 KiB", "5505024, 5.3 MiB"})
  void printsSizesInTheLargestUnit(long bytes, String text) {
    assertThat(ByteSize.format(bytes)).isEqualTo(text);
  }

  @Test
  void alignsTheColumnsOfATable() {
    Table table = new Table("tier", "blocks", "where").left(2).row("HOT", "9", "near");
    table.row("SSD", "1,792", "far");

    assertThat(table.render(false))
        .isEqualTo(
            """
              tier   blocks   where
              ---------------------
              HOT         9   near
              SSD     1,792   far
            """);
    assertThat(table.render(true)).contains("\u2500".repeat(21));
  }

  @Test
  void refusesARowOfAnotherWidth() {
    assertThatThrownBy(() -> new Table("a", "b").row("only one"))
        .hasMessageContaining("cells of a row must lie between 2 and 2: 1");
  }

  @Test
  void wrapsTextBetweenWords() {
    assertThat(Paragraph.wrap(" one two\nthree  four ", "> ", 10))
        .isEqualTo("> one two\n> three\n> four\n");
  }

  @Test
  void aProgressBarFillsUpAndVanishes() {
    StringBuilder screen = new StringBuilder();
    try (ProgressBar bar = new ProgressBar(screen::append, "run 1", "tokens")) {
      bar.show(1, 2);
      assertThat(screen).hasToString("\rrun 1 [###############...............] 1 of 2 tokens");
      screen.setLength(0);
    }
    assertThat(screen.toString()).matches("\r {52}\r");
  }

  @ParameterizedTest
  @CsvSource({"0.0042, 4.2 ms", "0.0419, 42 ms", "2.345, 2.35 s"})
  void printsDurations(double seconds, String text) {
    assertThat(Numbers.duration(seconds)).isEqualTo(text);
  }
}
