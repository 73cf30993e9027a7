package dev.varve.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {

  private static final Pattern TABLE =
      Pattern.compile("\\| setting \\| variable .*?\\n(?!\\|)", Pattern.DOTALL);

  /** With {@code -Dvarve.format=apply} the page is written anew instead. */
  @Test
  void theDocumentationNamesEverySettingAsItIs() throws IOException {
    Path page = Path.of(System.getProperty("varve.root"), "docs", "configuration.md");
    String text = Files.readString(page);
    if ("apply".equals(System.getProperty("varve.format"))) {
      String table = Matcher.quoteReplacement(SettingsText.markdown());
      Files.writeString(page, TABLE.matcher(text).replaceFirst(table));
      text = Files.readString(page);
    }
    assertThat(text)
        .as("docs/configuration.md holds the table that the records give")
        .contains(SettingsText.markdown());
  }
}
