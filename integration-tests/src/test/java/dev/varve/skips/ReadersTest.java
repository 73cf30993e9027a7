package dev.varve.skips;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.architecture.CompiledSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadersTest {
  private static final String IMPORTS =
      "import java.lang.annotation.*; import org.junit.jupiter.api.*; ";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "class A { @Test void t() {} } | ''",
        "class A { @Test @Tag(\"gpu\") void t() {} } | gpu",
        "@Tag(\"slow\") class A { @Test @Tag(\"gpu\") void t() {} } | gpu,slow",
        "@Tag(\"slow\") @Tag(\"server\") class A { @RepeatedTest(2) void t() {} } | server,slow",
        "@Tag(\"slow\") abstract class B { @Test void t() {} } class A extends B {} | slow",
        "interface B { @Test default void t() {} } @Tag(\"server\") class A implements B {} |"
            + " server",
        "@Tag(\"gpu\") @Retention(RetentionPolicy.RUNTIME) @interface Gpu {} @Gpu class A { @Test"
            + " void t() {} } | gpu",
      })
  void findsATestAndItsTags(String source, String tags) throws IOException {
    assertThat(read(IMPORTS + source))
        .containsExactly(new TaggedTest("dev.varve.a.A", "t", set(tags)));
  }

  @Test
  void findsTheTagsOfTheEnclosingClass() throws IOException {
    String source = "@Tag(\"slow\") class A { @Nested class In { @Test void t() {} } }";

    assertThat(read(IMPORTS + source))
        .containsExactly(new TaggedTest("dev.varve.a.A$In", "t", Set.of("slow")));
  }

  @Test
  void countsAnOverriddenTestOnce() throws IOException {
    String source =
        "interface B { @Test default void t() {} }"
            + " class A implements B { @Override @Test public void t() {} }";

    assertThat(read(IMPORTS + source)).hasSize(1);
  }

  @Test
  void ignoresMethodsThatAreNoTests() throws IOException {
    assertThat(read(IMPORTS + "class A { @BeforeEach void t() {} void u() {} }")).isEmpty();
  }

  @Test
  void readsTheSkippedTestsOfAReport() throws Exception {
    Files.writeString(
        folder.resolve("TEST-a.A.xml"),
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="a.A" tests="3" skipped="2">
          <testcase name="ran" classname="a.A" time="0.1"/>
          <testcase name="with(int)[2]" classname="a.A" time="0">
            <skipped message="org.opentest4j.TestAbortedException: Assumption failed: no redis-server on the path"/>
          </testcase>
          <testcase name="told" classname="a.A" time="0">
            <skipped><![CDATA[in the text
            and more]]></skipped>
          </testcase>
        </testsuite>
        """);
    Files.writeString(folder.resolve("a.A.txt"), "not a report");

    List<SkippedTest> skipped = Reports.skipped(folder);

    assertThat(skipped)
        .containsExactly(
            new SkippedTest("a.A", "with(int)[2]", "no redis-server on the path"),
            new SkippedTest("a.A", "told", "in the text"));
    assertThat(skipped.getFirst().method()).isEqualTo("with");
  }

  @Test
  void readsNothingWhereNoTestRan() throws Exception {
    assertThat(Reports.skipped(folder.resolve("absent"))).isEmpty();
  }

  private List<TaggedTest> read(String source) throws IOException {
    Path compiled = folder.resolve("classes");
    new CompiledSources().with("dev.varve.a.A", source).compile(compiled, "dev.varve");
    TestClasses classes = new TestClasses();
    classes.addAll(compiled);
    return classes.tests();
  }

  private static Set<String> set(String list) {
    return list.isEmpty() ? Set.of() : Set.of(list.split(","));
  }
}
