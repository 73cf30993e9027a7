package dev.varve.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {

  @Test
  void theDocumentationNamesEverySettingAsItIs() throws IOException {
    Path page = Path.of(System.getProperty("varve.root"), "docs", "configuration.md");
    assertThat(Files.readString(page))
        .as("docs/configuration.md holds the table that the records give")
        .contains(SettingsText.markdown());
  }
}
