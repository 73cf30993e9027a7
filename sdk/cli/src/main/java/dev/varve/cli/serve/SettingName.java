package dev.varve.cli.serve;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One setting.
 *
 * @param section component of {@link ServeSettings}
 * @param name in the section
 * @param type of its value
 * @param setting what it means
 */
public record SettingName(String section, String name, Type type, Setting setting) {

  /** Start of every name in the environment. */
  public static final String PREFIX = "VARVE_";

  /** All settings, in the order of the records. */
  public static List<SettingName> all() {
    List<SettingName> all = new ArrayList<>();
    for (RecordComponent section : ServeSettings.class.getRecordComponents()) {
      for (RecordComponent each : section.getType().getRecordComponents()) {
        Setting setting =
            Objects.requireNonNull(each.getAnnotation(Setting.class), "a setting without a word");
        all.add(
            new SettingName(
                section.getName(), dashed(each.getName()), each.getGenericType(), setting));
      }
    }
    return all;
  }

  private static String dashed(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** Its name in the file and on the command line: {@code listen.port}. */
  public String path() {
    return section + "." + name;
  }

  /** Its name in the environment: {@code VARVE_LISTEN_PORT}. */
  public String variable() {
    return PREFIX + path().replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
