package dev.varve.store.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** NVIDIA's own assembler for PTX, which comes with JCuda and needs neither GPU nor driver. */
final class PtxAssembler {
  private static final Pattern ENTRY =
      Pattern.compile(
          "Function properties for (\\S+)\\s+(?:ptxas\\s+\\.\\s+)?(\\d+) bytes stack frame, (\\d+)"
              + " bytes spill stores, (\\d+) bytes spill loads\\s+(?:ptxas )?info\\s*: Used (\\d+)"
              + " registers");

  /**
   * What became of a kernel.
   *
   * @param registers of a thread
   * @param spilledBytes stored to and loaded from memory for want of registers
   */
  record Usage(int registers, int spilledBytes) {}

  private PtxAssembler() {}

  static void unpack() {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    NativeLibrary.unpack(NativeLibrary.fileName("JNvPTXCompiler"), temporary);
    JNvPTXCompiler.setExceptionsEnabled(false);
  }

  /** Assembles {@code ptx} for an architecture such as {@code sm_90}; the kernels by name. */
  static Map<String, Usage> assemble(byte[] ptx, String architecture) {
    byte[] text = Arrays.copyOf(ptx, ptx.length + 1);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    assertThat(JNvPTXCompiler.nvPTXCompilerCreate(handle, text.length, text)).isZero();
    try {
      String[] options = {"--gpu-name=" + architecture, "-O3", "-v"};
      int code = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
      assertThat(code).as(architecture + ": " + errors(handle)).isZero();
      return usage(information(handle));
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    }
  }

  private static Map<String, Usage> usage(String log) {
    Map<String, Usage> found = new LinkedHashMap<>();
    Matcher matcher = ENTRY.matcher(log);
    while (matcher.find()) {
      int spilled = Integer.parseInt(matcher.group(3)) + Integer.parseInt(matcher.group(4));
      found.put(matcher.group(1), new Usage(Integer.parseInt(matcher.group(5)), spilled));
    }
    return found;
  }

  private static String errors(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
    byte[] log = new byte[(int) size[0] + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
    return new String(log, UTF_8).trim();
  }

  private static String information(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
    byte[] log = new byte[(int) size[0] + 1];
    JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
    return new String(log, UTF_8).trim();
  }
}
