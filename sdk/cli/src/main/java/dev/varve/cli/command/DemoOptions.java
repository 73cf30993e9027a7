package dev.varve.cli.command;

import dev.varve.cli.demo.DemoSettings;
import dev.varve.cli.text.ByteSize;
import dev.varve.offload.variant.TierEncodings;
import dev.varve.store.Checks;
import java.util.List;
import picocli.CommandLine.Option;

/** Options that the demo hands to its two runs. */
final class DemoOptions {

  private static final long SSD_BYTES = 64L << 20;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens to generate (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--hot",
      paramLabel = "SIZE",
      defaultValue = "1MiB",
      description = "Hot tier (${DEFAULT-VALUE}): holds some of the 5.3 MiB of blocks.")
  private ByteSize hot = new ByteSize(1);

  @Option(
      names = "--host",
      paramLabel = "SIZE",
      defaultValue = "2MiB",
      description = "Host tier (${DEFAULT-VALUE}): holds some more.")
  private ByteSize host = new ByteSize(1);

  @Option(
      names = "--tiers",
      paramLabel = "ENCODINGS",
      defaultValue = "",
      description =
          "How the tiers write blocks, as 'host=int8 ssd=gear4'; raw unless given. Both runs accept"
              + " the approximations that these make.")
  private String tiers = "";

  DemoSettings settings() {
    Checks.positive(tokens, "--tokens");
    TierEncodings encodings = TierEncodings.parse(tiers);
    return new DemoSettings(hot.bytes(), host.bytes(), SSD_BYTES, tokens, encodings);
  }

  static List<String> arguments(DemoSettings settings) {
    return List.of(
        "--tokens=" + settings.tokens(),
        "--hot=" + settings.hotBytes(),
        "--host=" + settings.hostBytes(),
        "--tiers=" + settings.encodings());
  }
}
