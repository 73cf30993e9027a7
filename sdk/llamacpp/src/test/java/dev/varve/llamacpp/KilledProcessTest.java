package dev.varve.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tool")
class KilledProcessTest {
  @TempDir Path folder;

  @Test
  void findsWhatAKilledProcessStored() throws IOException, InterruptedException {
    LlamaLibrary library = Native.library();
    Path file = SmallModel.write(folder.resolve("small.gguf"), 1);
    Path store = folder.resolve("store");
    Process child = PrefixChild.start(file, store);
    try (BufferedReader out = child.inputReader()) {
      List<String> said = new ArrayList<>();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
        if (line.equals(PrefixChild.STORED)) {
          break;
        }
      }
      assertThat(said).contains(PrefixChild.STORED);
    } finally {
      child.destroyForcibly().waitFor();
    }

    try (LlamaModel model = library.openModel(file);
        LlamaPrefixCache cache =
            LlamaPrefixCache.open(model, PrefixChild.OPTIONS, store, PrefixChild.SSD);
        LlamaContext context = model.openContext(PrefixChild.OPTIONS)) {
      Prefill warm = cache.prefill(context, PrefixChild.prompt());
      assertThat(warm.reused()).isEqualTo(512);
      context.clear();
      assertThat(context.decode(PrefixChild.prompt(), Wanted.LAST)).isEqualTo(warm.logits());
    }
  }
}
