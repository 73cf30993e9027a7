package dev.varve.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.varve.sidecar.resp.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The page in a real browser. With {@code -Dvarve.page.url=URL -Dvarve.page.shots=FOLDER} it is
 * that of a running server, and pictures of it are kept.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class PageTest {

  private static final String INSTALLED = "dev.varve.sidecar.http.Browser#installed";
  private static final String MISSING = "chromium is not installed";

  @Test
  void comesInSmallFilesThatNobodyElseHasASayIn() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      for (String file : List.of("", "page.css", "page.js", "charts.js", "icon.svg")) {
        var reply = fixture.get(file);
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).hasSizeBetween(300, 16_000);
        assertThat(reply.headers().firstValue("Content-Security-Policy"))
            .get()
            .asString()
            .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'");
        assertThat(reply.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(reply.body().replace("http://www.w3.org/2000/svg", ""))
            .doesNotContain("http://", "https://", "innerHTML");
      }
    }
  }

  @Test
  @Tag("server")
  @EnabledIf(value = INSTALLED, disabledReason = MISSING)
  void drawsTheStateAndFollowsIt() throws Exception {
    try (HttpFixture fixture = HttpFixture.start();
        Browser browser = new Browser()) {
      List<String> complaints = new ArrayList<>();
      fixture.sampler.sample();
      fixture.ran("get", true, Reply.bulk("value"), "GET", "user:7");
      fixture.ran("get", true, Reply.NIL, "GET", "<b>bold</b>:7");
      fixture.sampler.sample();
      Page page = browser.page(1280, 900, ColorScheme.LIGHT);
      page.onConsoleMessage(message -> complaints.add(message.text()));
      page.onPageError(complaints::add);
      page.setDefaultTimeout(60_000);
      page.navigate(fixture.url());
      page.waitForSelector("body[data-drawn='2']");
      assertThat(page.textContent("#state")).isEqualTo("serving");
      assertThat(page.textContent("#hit-rate-all")).isEqualTo("60.0 % since the start");
      assertThat(page.locator("#tiers .tier .name").allTextContents())
          .containsExactly("host", "ssd");
      assertThat(page.textContent("#tiers .host .used")).isEqualTo("100 B of 1000 B · 10.0 %");
      assertThat(page.textContent("#codecs"))
          .contains("ssd · int8 · org/model", "4.00×", "0.40 % of the peak");
      assertThat(page.textContent("#losses")).contains("tokens left: recompute is faster");
      assertThat(page.textContent("#prefixes")).contains("user:*", "<b>bold</b>:*");
      assertThat(page.textContent("#commands")).contains("get", "50 µs");
      fixture.store.hostBytes.set(900);
      fixture.sampler.sample();
      page.waitForSelector("body[data-drawn='3']");
      assertThat(page.textContent("#tiers .host .used")).isEqualTo("900 B of 1000 B · 90.0 %");
      assertThat(complaints).isEmpty();
      fixture.post("admin/drain", Optional.of("Bearer " + HttpFixture.TOKEN));
      page.waitForSelector("#state.draining");
    }
  }

  @Test
  @Tag("server")
  @EnabledIf(value = INSTALLED, disabledReason = MISSING)
  void saysThatTheServerIsGone() throws Exception {
    try (Browser browser = new Browser()) {
      Page page = browser.page(800, 600, ColorScheme.DARK);
      page.setDefaultTimeout(60_000);
      try (HttpFixture fixture = HttpFixture.start()) {
        page.navigate(fixture.url());
        page.waitForSelector("#state.starting");
      }
      page.waitForSelector("#state.away");
      assertThat(page.textContent("#state")).isEqualTo("out of reach");
    }
  }

  @Test
  @Tag("server")
  @EnabledIf(value = INSTALLED, disabledReason = MISSING)
  void isReadableInTheDarkInTheLightAndOnAPhone() throws Exception {
    String running = System.getProperty("varve.page.url", "");
    String folder = System.getProperty("varve.page.shots", "");
    try (HttpFixture fixture = HttpFixture.start();
        Browser browser = new Browser()) {
      fixture.sampler.sample();
      fixture.ran("get", true, Reply.NIL, "GET", "a-prefix-".repeat(6) + ":7");
      String url = running.isEmpty() ? fixture.url() : running;
      Map<String, Page> pages =
          Map.of(
              "light", browser.page(1280, 1200, ColorScheme.LIGHT),
              "dark", browser.page(1280, 1200, ColorScheme.DARK),
              "phone", browser.page(390, 844, ColorScheme.DARK));
      for (Map.Entry<String, Page> entry : pages.entrySet()) {
        Page page = entry.getValue();
        page.setDefaultTimeout(60_000);
        page.navigate(url);
        page.waitForSelector("body[data-drawn]");
        Object wider =
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(((Number) wider).intValue()).as(entry.getKey() + " does not scroll").isZero();
        Object ink = page.evaluate("getComputedStyle(document.body).color");
        Object ground = page.evaluate("getComputedStyle(document.body).backgroundColor");
        assertThat(contrast(String.valueOf(ink), String.valueOf(ground))).isGreaterThan(7);
        byte[] picture =
            page.screenshot(
                new Page.ScreenshotOptions().setFullPage(entry.getKey().equals("phone")));
        assertThat(picture).hasSizeGreaterThan(10_000);
        if (!folder.isEmpty()) {
          Files.write(Path.of(folder, "page-" + entry.getKey() + ".png"), picture);
        }
      }
    }
  }

  /** As the accessibility guidelines of the W3C count it: 21 for black on white. */
  private static double contrast(String ink, String ground) {
    double one = luminance(ink);
    double other = luminance(ground);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }

  private static double luminance(String color) {
    String[] parts = color.replaceAll("[^0-9,]", "").split(",", -1);
    double sum = 0;
    double[] weights = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < weights.length; i++) {
      double part = Integer.parseInt(parts[i]) / 255.0;
      sum += weights[i] * (part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
