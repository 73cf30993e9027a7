package dev.varve.llamacpp;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A process that stores a prompt, says so, and then waits to be killed. */
final class PrefixChild {
  static final ContextOptions OPTIONS = ContextOptions.of(1024);
  static final long SSD = 64L << 20;
  static final String STORED = "stored 512";

  private PrefixChild() {}

  static int[] prompt() {
    return new SplittableRandom(11).ints(600, 0, 256).toArray();
  }

  static Process start(Path model, Path store) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-agentlib:") && !flag.startsWith("-javaagent:"))
        .forEach(line::add);
    line.addAll(List.of("-cp", System.getProperty("java.class.path")));
    line.addAll(List.of(PrefixChild.class.getName(), model.toString(), store.toString()));
    return new ProcessBuilder(line).redirectErrorStream(true).start();
  }

  public static void main(String[] arguments) throws IOException {
    LlamaLibrary library = LlamaLibrary.bundled();
    try (LlamaModel model = library.openModel(Path.of(arguments[0]));
        LlamaPrefixCache cache = LlamaPrefixCache.open(model, OPTIONS, Path.of(arguments[1]), SSD);
        LlamaContext context = model.openContext(OPTIONS)) {
      int stored = cache.prefill(context, prompt()).stored();
      System.out.write("stored %d%n".formatted(stored).getBytes(StandardCharsets.UTF_8));
      System.out.flush();
      System.in.read();
    }
  }
}
