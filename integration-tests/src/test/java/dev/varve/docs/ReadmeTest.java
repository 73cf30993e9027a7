package dev.varve.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sdk.EngineTensor;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {

  private static final Path ROOT = Path.of(System.getProperty("varve.root", ""));
  private static final Path SOURCE =
      ROOT.resolve("integration-tests/src/test/java/dev/varve/docs/ReadmeExample.java");

  @TempDir Path folder;

  @Test
  void showsTheExampleThatIsCompiledHere() throws IOException {
    List<String> source = Files.readAllLines(SOURCE);
    List<String> example =
        source.subList(indexOf(source, "// README begin") + 1, indexOf(source, "// README end"));
    assertThat(example).hasSizeLessThanOrEqualTo(14);
    String readme = squeezed(Files.readString(ROOT.resolve("README.md")));
    assertThat(readme).contains(squeezed(String.join("\n", example)));
  }

  @Test
  void staysShort() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(120);
  }

  @Test
  void runsTheExampleTwiceAndFindsThePromptAgain() {
    ModelShape shape =
        ModelShape.uniform(2, LayerShape.grouped(4, 2, 16, RopeSpec.none()), Dtype.F16);
    int[] prompt = IntStream.range(0, 300).toArray();
    ReadmeExample example = new ReadmeExample(shape, folder);
    assertThat(example.run(prompt, engine(300))).isZero();
    assertThat(example.run(prompt, engine(300 - 256))).isEqualTo(256);
  }

  private static ReadmeExample.Engine engine(int tokens) {
    return new ReadmeExample.Engine() {
      @Override
      public EngineTensor keys(int layer) {
        return tensor(tokens, 2);
      }

      @Override
      public EngineTensor values(int layer) {
        return tensor(tokens, 2);
      }

      @Override
      public EngineTensor queries(int layer) {
        return tensor(tokens, 4);
      }

      @Override
      public EngineTensor output(int layer) {
        return tensor(tokens, 4);
      }
    };
  }

  private static EngineTensor tensor(int tokens, int heads) {
    float[] values = new float[tokens * heads * 16];
    Arrays.fill(values, 0.5f);
    return EngineTensor.of(values, tokens, heads, 16);
  }

  private static int indexOf(List<String> lines, String mark) {
    return IntStream.range(0, lines.size())
        .filter(i -> lines.get(i).strip().equals(mark))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line '" + mark + "' in " + SOURCE));
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
