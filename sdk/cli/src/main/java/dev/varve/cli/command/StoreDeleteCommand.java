package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.sdk.ClosedStore;
import dev.varve.sdk.ErasureReport;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectPieces;
import dev.varve.store.ssd.StoreMaintenance;
import dev.varve.store.ssd.StoreUsage;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Erases a tenant, a model or a prefix from a store. */
@Command(
    name = "delete",
    description = {
      "Erases everything of a tenant, of a model, or of a prefix and what continues it: blocks,"
          + " opaque objects, pins and saved sessions. No later process finds any of it.",
      "Their bytes stay in the files until they are written over; 'varve store compact' deletes"
          + " files that became free."
    })
final class StoreDeleteCommand extends Task {

  private static final int LEAST_DIGITS = 8;

  @Mixin private StorePath store = new StorePath();

  @Option(
      names = "--tenant",
      paramLabel = "HASH",
      description =
          "Everything of this tenant, as 'store usage' shows it; 'none' for callers without a"
              + " salt.")
  private Optional<String> tenant = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "HASH",
      description =
          "Everything of this model, as 'store usage' shows it, or the first 8 digits or more;"
              + " 'objects' for opaque objects.")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--prefix",
      paramLabel = "IDS",
      split = ",",
      description =
          "The last whole block of these token ids, which begin at position 0, and all that"
              + " continues it; of --tenant (none) and --model (needed if the store has several).")
  private int[] prefix = {};

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    ErasureReport report = erase(StoreMaintenance.usage(store.path()));
    if (store.json()) {
      console.json(report);
    } else {
      console.println(
          "%s chunks erased, %s of payload; %s saved sessions"
              .formatted(
                  Numbers.count(report.chunks()),
                  ByteSize.format(report.bytes()),
                  Numbers.count(report.savedSessions())));
    }
    return ExitCode.OK;
  }

  private ErasureReport erase(List<StoreUsage> usage) {
    if (prefix.length > 0) {
      return erasePrefix(usage);
    }
    if (tenant.isPresent() == model.isPresent()) {
      throw misuse(
          "Say what to erase: one of --tenant, --model and --prefix"
              + (tenant.isPresent() ? ", not --tenant and --model together." : "."));
    }
    if (tenant.isPresent()) {
      return ClosedStore.eraseTenant(store.path(), parsedTenant());
    }
    return model.get().equals(StoreUsage.OBJECTS)
        ? ClosedStore.eraseModels(
            store.path(), List.of(ObjectPieces.MANIFESTS, ObjectPieces.EXTENTS))
        : ClosedStore.eraseModels(store.path(), List.of(chosen(usage)));
  }

  private ErasureReport erasePrefix(List<StoreUsage> usage) {
    Fingerprint of = model.isPresent() ? chosen(usage) : onlyModel(usage);
    try {
      return ClosedStore.erasePrefix(store.path(), parsedTenant(), of, prefix);
    } catch (IllegalArgumentException e) {
      throw misuse("--prefix: " + e.getMessage());
    }
  }

  private Tenant parsedTenant() {
    try {
      return TenantOption.parse(tenant.orElse(TenantOption.NONE));
    } catch (IllegalArgumentException e) {
      throw misuse("--tenant: " + e.getMessage() + ".");
    }
  }

  private Fingerprint onlyModel(List<StoreUsage> usage) {
    List<String> models = models(usage);
    if (models.size() == 1) {
      return fingerprint(models.getFirst());
    }
    throw misuse(
        models.isEmpty()
            ? "--prefix: the store has blocks of no model."
            : "--prefix: the store has blocks of %d models: say which with --model: %s."
                .formatted(models.size(), String.join(", ", models)));
  }

  /** The model of the store whose hash begins so. */
  private Fingerprint chosen(List<StoreUsage> usage) {
    String digits = model.orElseThrow().toLowerCase(Locale.ROOT);
    if (!digits.matches("[0-9a-f]{" + LEAST_DIGITS + ",64}")) {
      throw misuse(
          "--model: '%s' is no hash: give its first %d to 64 hexadecimal digits."
              .formatted(model.get(), LEAST_DIGITS));
    }
    List<String> found = models(usage).stream().filter(each -> each.startsWith(digits)).toList();
    if (found.size() == 1) {
      return fingerprint(found.getFirst());
    }
    if (found.isEmpty() && digits.length() == 2 * Digest256.BYTES) {
      // Saved sessions may be of a model of which no block is left.
      return fingerprint(digits);
    }
    throw misuse(
        "--model: %s models of the store begin with '%s': 'varve store usage' shows them."
            .formatted(found.isEmpty() ? "no" : String.valueOf(found.size()), digits));
  }

  private static List<String> models(List<StoreUsage> usage) {
    return usage.stream()
        .map(StoreUsage::model)
        .filter(each -> !each.equals(StoreUsage.OBJECTS))
        .distinct()
        .toList();
  }

  private static Fingerprint fingerprint(String digits) {
    return new Fingerprint(Digest256.of(HexFormat.of().parseHex(digits)));
  }
}
