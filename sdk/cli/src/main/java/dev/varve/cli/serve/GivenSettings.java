package dev.varve.cli.serve;

import dev.varve.store.text.NearestName;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was said, and where: the last word on a setting counts. For one thread. */
public final class GivenSettings {

  /** Variables of the launcher, which is no setting. */
  private static final List<String> OF_THE_LAUNCHER =
      List.of("VARVE_JAVA_OPTS", "VARVE_JDK_PLACES", "VARVE_CONFIG");

  private final Map<String, Given> given = new LinkedHashMap<>();

  /**
   * A value and who said it.
   *
   * @param source for people: a file, a variable, a flag
   */
  record Given(String text, String source) {}

  /**
   * Takes a value.
   *
   * @param path as in {@code listen.port}
   * @throws IllegalArgumentException if there is no such setting
   */
  public void put(String path, String text, String source) {
    List<String> known = SettingName.all().stream().map(SettingName::path).toList();
    if (!known.contains(path)) {
      throw new IllegalArgumentException(
          "%s: there is no setting '%s'; %s"
              .formatted(source, path, NearestName.suggest(path, known)));
    }
    given.put(path, new Given(text, source));
  }

  /**
   * Takes what stands in the environment.
   *
   * @return variables that look like settings of ours and are of no section of ours
   * @throws IllegalArgumentException for a variable of a section that does not have it
   */
  public List<String> putEnvironment(Map<String, String> environment) {
    List<String> strange = new ArrayList<>();
    List<SettingName> all = SettingName.all();
    environment.forEach((variable, text) -> {
      if (!variable.startsWith(SettingName.PREFIX) || OF_THE_LAUNCHER.contains(variable)) {
        return;
      }
      all.stream()
          .filter(each -> each.variable().equals(variable))
          .findFirst()
          .ifPresentOrElse(
              each -> put(each.path(), text, "the variable " + variable),
              () -> refuseOrNote(variable, all, strange));
    });
    return strange;
  }

  private static void refuseOrNote(String variable, List<SettingName> all, List<String> strange) {
    boolean ours =
        all.stream()
            .map(each ->
                each.variable()
                    .substring(0, SettingName.PREFIX.length() + each.section().length() + 1))
            .anyMatch(variable::startsWith);
    if (ours) {
      throw new IllegalArgumentException(
          "the environment has %s, which is no setting; %s"
              .formatted(
                  variable,
                  NearestName.suggest(variable, all.stream().map(SettingName::variable).toList())));
    }
    strange.add(variable);
  }

  /** The settings that hold. */
  public ServeSettings settings() {
    List<Object> sections = new ArrayList<>();
    for (RecordComponent section : ServeSettings.class.getRecordComponents()) {
      List<Object> values =
          SettingName.all().stream()
              .filter(each -> each.section().equals(section.getName()))
              .map(this::value)
              .toList();
      sections.add(make(section.getType(), values));
    }
    return (ServeSettings) make(ServeSettings.class, sections);
  }

  private Object value(SettingName name) {
    Given found = said(name);
    try {
      return SettingType.parse(name.type(), found.text());
    } catch (IllegalArgumentException e) {
      String reason = name.setting().secret() ? "its value cannot be read" : e.getMessage();
      throw new IllegalArgumentException(
          "%s (%s): %s".formatted(name.path(), found.source(), reason), e);
    }
  }

  /** Whether anybody said anything of a setting. */
  public boolean says(String path) {
    return given.containsKey(path);
  }

  /** What was said of a setting, or what holds where nothing was. */
  Given said(SettingName name) {
    return given.getOrDefault(name.path(), new Given(name.setting().byDefault(), "default"));
  }

  private static Object make(Class<?> type, List<Object> values) {
    Constructor<?> constructor = type.getDeclaredConstructors()[0];
    try {
      return constructor.newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }
}
