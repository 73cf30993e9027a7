package dev.varve.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleEdgesTest {
  private static final String USED = "dev.varve.eviction.Far";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class Bad { USED field; }",
        "class Bad { void method(USED parameter) {} }",
        "class Bad { USED[][] method() { return null; } }",
        "class Bad { java.util.List<USED> field; }",
        "class Bad<T extends USED> {}",
        "record Bad(java.util.List<USED> component) {}",
        "class Bad extends USED {}",
        "class Bad { Object method() { return new USED(); } }",
        "class Bad { boolean method(Object o) { return o instanceof USED; } }",
        "class Bad { Object method() { return USED[].class; } }",
        "class Bad { java.util.function.Supplier<Object> method() { return USED::new; } }",
        "class Bad { Object method() { java.util.function.Function<USED, String> f = x -> null;"
            + " return f; } }",
        "class Bad { void method() { java.util.List<USED> local = null; } }",
        "@interface Bad { Class<?> value() default USED.class; }",
        "@Bad.Named(USED.class) class Bad { @interface Named { Class<?> value(); } }",
      })
  void findsAnEdgeWhereverAClassFileCanHoldOne(String source) {
    List<ClassFacts> classes =
        new CompiledSources()
            .withEmpty(USED)
            .with("dev.varve.compression.Bad", source.replace("USED", USED))
            .compile(folder, "dev.varve.compression.");

    assertThat(ModuleEdges.violations(Room.COMPRESSION, classes))
        .isNotEmpty()
        .allSatisfy(sentence ->
            assertThat(sentence)
                .contains("names dev.varve.eviction.Far")
                .endsWith("compression may not use eviction"));
  }

  @Test
  void findsAnAnnotationOfAnotherModule() {
    List<ClassFacts> classes =
        new CompiledSources()
            .with("dev.varve.eviction.Mark", "public @interface Mark {}")
            .with(
                "dev.varve.compression.Bad",
                "class Bad { void method(@dev.varve.eviction.Mark int parameter) {} }")
            .compile(folder, "dev.varve.compression.");

    assertThat(ModuleEdges.violations(Room.COMPRESSION, classes)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "KV_STORE, dev.varve.store.A, dev.varve.compression.B",
    "EVICTION, dev.varve.eviction.A, dev.varve.offload.B",
    "OFFLOAD, dev.varve.offload.A, dev.varve.attention.B",
    "SDK_ENGINE, dev.varve.engine.A, dev.varve.compression.B",
    "SDK_CLIENT, dev.varve.client.A, dev.varve.sidecar.B",
    "SDK_CORE, dev.varve.sdk.A, dev.varve.engine.B",
    "SDK_CORE, dev.varve.sdk.A, dev.varve.cli.B",
  })
  void refusesAnArrowThatTheGraphDoesNotHave(Room room, String user, String used) {
    assertThat(ModuleEdges.violations(room, fieldOf(user, used)))
        .singleElement()
        .asString()
        .startsWith(user + " names " + used);
  }

  @ParameterizedTest
  @CsvSource({
    "COMPRESSION, dev.varve.compression.A, dev.varve.store.B",
    "SDK_CORE, dev.varve.sdk.A, dev.varve.offload.B",
    "SDK_ENGINE, dev.varve.engine.A, dev.varve.sdk.B",
    "SDK_CLI, dev.varve.cli.A, dev.varve.engine.B",
    "SDK_CORE, dev.varve.sdk.A, dev.varve.sdk.internal.B",
  })
  void acceptsAnArrowThatTheGraphHas(Room room, String user, String used) {
    assertThat(ModuleEdges.violations(room, fieldOf(user, used))).isEmpty();
  }

  @Test
  void refusesTheInternalsOfAnotherModule() {
    String used = "dev.varve.store.ssd.internal.Segments";

    assertThat(ModuleEdges.violations(Room.SDK_CORE, fieldOf("dev.varve.sdk.A", used)))
        .containsExactly("dev.varve.sdk.A names " + used + ", which is internal to kv-store");
  }

  @Test
  void refusesAPackageThatNoModuleOwns() {
    assertThat(ModuleEdges.violations(Room.SDK_CLI, fieldOf("dev.varve.cli.A", "dev.varve.odd.B")))
        .singleElement()
        .asString()
        .endsWith("lies in no module's package");
  }

  @Test
  void refusesAClassOutsideItsModulesPackage() {
    assertThat(
            ModuleEdges.violations(
                Room.EVICTION, fieldOf("dev.varve.store.A", "dev.varve.store.B")))
        .containsExactly(
            "dev.varve.store.A lies in module eviction, whose classes belong below"
                + " dev.varve.eviction");
  }

  private List<ClassFacts> fieldOf(String user, String used) {
    String simple = user.substring(user.lastIndexOf('.') + 1);
    return new CompiledSources()
            .withEmpty(used)
            .with(user, "class " + simple + " { " + used + " field; }")
            .compile(folder, user)
            .stream()
            .filter(facts -> facts.name().equals(user))
            .toList();
  }
}
