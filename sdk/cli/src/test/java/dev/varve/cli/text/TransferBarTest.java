package dev.varve.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TransferBarTest {

  private long now;

  @Test
  void tellsRateAndTheTimeThatIsLeft() {
    StringBuilder screen = new StringBuilder();
    try (TransferBar bar = new TransferBar(screen::append, "kv", () -> now)) {
      now = 2_000_000_000L;
      bar.show(64 << 20, 256 << 20);
      assertThat(screen.toString())
          .isEqualTo("\rkv [######..................] 64.0 MiB of 256.0 MiB, 32.0 MiB/s, 6 s left");
      bar.show(65 << 20, 256 << 20);
      assertThat(screen.toString()).doesNotContain("65.0");
      now = 200_000_000_000L;
      bar.show(128 << 20, 256 << 20);
      assertThat(screen.toString()).contains("3:20 min left");
      screen.setLength(0);
      bar.show(256 << 20, 256 << 20);
      assertThat(screen.toString()).contains("[########################]").doesNotContain("left");
      screen.setLength(0);
    }
    assertThat(screen.toString()).isBlank().startsWith("\r").endsWith("\r");
  }

  @Test
  void drawsBarsInEighthsWhereItMay() {
    assertThat(Bar.of(0.5, 4, false)).isEqualTo("##");
    assertThat(Bar.of(0.28125, 4, true)).isEqualTo("\u2588\u258f");
    assertThat(Bar.of(2, 3, true)).isEqualTo("\u2588\u2588\u2588");
    assertThat(Bar.of(0, 3, true)).isEmpty();
  }
}
