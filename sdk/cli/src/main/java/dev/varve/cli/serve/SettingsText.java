package dev.varve.cli.serve;

import java.util.List;

/** Settings as text for people: a file that could be read again, and the page of documentation. */
public final class SettingsText {

  private static final String HIDDEN = "(hidden)";

  private SettingsText() {}

  /** What holds, as YAML, with who said it; secrets are hidden. */
  public static String yaml(GivenSettings given) {
    StringBuilder text = new StringBuilder();
    String section = "";
    for (SettingName name : SettingName.all()) {
      if (!name.section().equals(section)) {
        section = name.section();
        text.append(section).append(":\n");
      }
      GivenSettings.Given said = given.said(name);
      text.append("  ")
          .append(name.name())
          .append(": ")
          .append(value(name, said.text()))
          .append("  # ")
          .append(said.source().replace('\n', ' '))
          .append('\n');
    }
    return text.toString();
  }

  private static String value(SettingName name, String text) {
    if (text.isEmpty()) {
      return "null";
    }
    if (name.setting().secret()) {
      return HIDDEN;
    }
    return text.matches("[A-Za-z0-9_][A-Za-z0-9_.()/-]*")
        ? text
        : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  /** The table of the documentation. */
  public static String markdown() {
    List<String> rows =
        SettingName.all().stream()
            .map(name ->
                "| `%s` | `%s` | %s | %s |"
                    .formatted(
                        name.path(),
                        name.variable(),
                        name.setting().byDefault().isEmpty()
                            ? ""
                            : "`" + name.setting().byDefault() + "`",
                        name.setting().value()))
            .toList();
    return "| setting | variable | default | meaning |\n|---|---|---|---|\n"
        + String.join("\n", rows)
        + "\n";
  }
}
