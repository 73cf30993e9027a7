package dev.varve.store.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that are shipped, as far as they can be checked without a GPU. */
@Tag("tool")
class KernelArtefactsTest {
  private static final String COMMAND = "run kv-store/kernels.sh (it needs nvcc)";
  private static final String LIST = "kernels.sha256";

  /** Above this a multiprocessor runs less than three blocks of 128 threads. */
  private static final int MOST_REGISTERS = 168;

  private static final Pattern ENTRY = Pattern.compile("\\.visible \\.entry (\\w+)\\(([^)]*)\\)");
  private static final Pattern PARAMETER = Pattern.compile("\\.param \\.(\\w+)");

  private static String text(String name) {
    try (InputStream in = KernelFile.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void areMadeOfTheSourcesBesideThem() throws Exception {
    int files = 0;
    for (String line : text(LIST).lines().filter(line -> !line.startsWith("#")).toList()) {
      String name = line.substring(66);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text(name).getBytes(UTF_8));
      assertThat(HexFormat.of().formatHex(digest))
          .as("%s changed after its PTX was made: %s", name, COMMAND)
          .isEqualTo(line.substring(0, 64));
      files++;
    }
    assertThat(files).isEqualTo(KernelFile.values().length + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_86", "sm_89", "sm_90"})
  void areAssembledWithoutSpillingRegisters(String architecture) {
    PtxAssembler.unpack();
    for (KernelFile file : KernelFile.values()) {
      byte[] ptx = file.ptx();
      assertThat(new String(ptx, UTF_8)).startsWith(".version 8.0\n.target sm_80\n");
      Map<String, PtxAssembler.Usage> kernels = PtxAssembler.assemble(ptx, architecture);
      assertThat(kernels.keySet()).containsAll(entries(file).keySet());
      kernels.forEach((name, usage) -> {
        assertThat(usage.spilledBytes()).as("%s on %s", name, architecture).isZero();
        assertThat(usage.registers())
            .as("registers of %s on %s", name, architecture)
            .isLessThanOrEqualTo(MOST_REGISTERS);
      });
    }
  }

  /** The parameters of each kernel, as PTX names their types. */
  private static Map<String, List<String>> entries(KernelFile file) {
    Map<String, List<String>> found = new TreeMap<>();
    Matcher entry = ENTRY.matcher(text(file.ptxName()));
    while (entry.find()) {
      List<String> types = new ArrayList<>();
      Matcher parameter = PARAMETER.matcher(entry.group(2));
      while (parameter.find()) {
        types.add(parameter.group(1));
      }
      found.put(entry.group(1), types);
    }
    return found;
  }

  @Test
  void takeTheArgumentsThatAreGivenToThem() {
    Map<String, List<String>> expected = new HashMap<>();
    for (KernelFile file : KernelFile.values()) {
      expected.putAll(entries(file));
    }
    FakeDriver driver =
        new FakeDriver(
            1 << 20,
            new EmulatedKernels() {
              @Override
              public boolean has(String name) {
                return true;
              }

              @Override
              public void run(String name, LaunchGrid grid, byte[] values) {}
            });
    try (CudaKernels kernels = new CudaKernels(driver);
        CudaStream stream = new CudaStream(driver)) {
      launchAll(kernels, stream);
    }
    assertThat(driver.left()).isZero();
    assertThat(driver.signatures()).isEqualTo(expected);
  }

  private static void launchAll(CudaKernels kernels, CudaStream stream) {
    CudaScores scores = new CudaScores(kernels);
    CudaQuantizer quantizer = new CudaQuantizer(kernels);
    for (Dtype dtype : Dtype.values()) {
      scores.rows(dtype, 1, 1, 0, 1, 1, 0, CudaScores.Reduction.MAX, 0, stream);
      CudaQuantizer.RowCodes form = new CudaQuantizer.RowCodes(2, 2, 8, true);
      quantizer.quantize(form, dtype, 0, 1, 0, 0, stream);
      quantizer.dequantize(form, 0, 0, 1, 0, stream);
      for (int dim : dtype == Dtype.F32 ? new int[0] : new int[] {64, 128}) {
        for (int group : new int[] {1, 4}) {
          BlockGeometry geometry = new BlockGeometry(128, 1, dim, dim, dtype, false);
          LayerShape shape = LayerShape.grouped(group, 1, dim, RopeSpec.none());
          new CudaAttention(kernels, shape, geometry)
              .attend(new PagedRows(0, 0, 0, 1), SelectedRows.ALL, 0, 0, 0, 0, 1, stream);
          scores.keys(geometry, group, 0, 1, 0, 0, stream);
        }
      }
    }
    scores.codes(4, 1, 1, 0, 1, 2, 0, 0, 0, stream);
    scores.votes(0, 0, 1, 1, 1, 1, 0, 0, stream);
    scores.maxPool(0, 1, 1, 1, 0, stream);
    scores.assign(0, 0, 0, 0, 0, 1, 1, 1, stream);
    new CudaTopK(kernels).select(0, 1, 1, 1, 0, stream);
    CudaGather gather = new CudaGather(kernels);
    gather.rows(0, 1, 16, 0, stream);
    CudaGather.Strides strides = new CudaGather.Strides(0, 4, 4);
    gather.place(strides, strides, 1, 1, 4, stream);
    BlockGeometry pages = new BlockGeometry(128, 1, 8, 8, Dtype.F16, false);
    gather.selection(pages, 0, SelectedRows.ALL, 1, 0, 0, stream);
    quantizer.encodeFloat8(0, 1, 0, stream);
    quantizer.decodeFloat8(0, 1, 0, stream);
    quantizer.addLowRank(0, 0, 1, 1, 1, 0, stream);
    new CudaRans(kernels).decode(new CudaRans.Streams(0, 0, 0, 0, 0, 0, 0, 0, 1, 64), 0, 0, stream);
  }

  @Test
  void comeOutOfTheCompilerAgainAsTheyAre(@TempDir Path folder) throws Exception {
    String made = text(LIST).lines().findFirst().orElseThrow().replace("# nvcc, ", "");
    Path root = Path.of(System.getProperty("varve.root", ".."));
    Path script = root.resolve("kv-store/kernels.sh");
    assumeTrue(Files.isExecutable(script), "the script is not beside this build");
    assumeTrue(nvcc().contains(made), "nvcc of " + made + " is not on the PATH");
    Process process =
        new ProcessBuilder(script.toString(), folder.toString()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        assertThat(Files.readString(file)).as("%s: %s", name, COMMAND).isEqualTo(text(name));
      }
    }
  }

  private static String nvcc() throws Exception {
    try {
      Process process = new ProcessBuilder("nvcc", "--version").start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      process.waitFor();
      return output;
    } catch (IOException e) {
      return "";
    }
  }
}
