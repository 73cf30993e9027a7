package dev.varve.cli.serve;

import dev.varve.sidecar.status.RequestLog;
import dev.varve.sidecar.status.TenantNames;
import dev.varve.store.Checks;
import dev.varve.store.text.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Makes of the settings who writes a line for a request. */
public final class RequestLines {

  private RequestLines() {}

  /** The log of requests. */
  public static RequestLog of(ServeSettings.Log log, TenantNames names) {
    return new RequestLog(
        which(log.requests()),
        log.slow(),
        Checks.inRange(log.lines(), 1, 100_000, "log.lines"),
        names,
        System::nanoTime);
  }

  private static RequestLog.Which which(String text) {
    List<String> known =
        Arrays.stream(RequestLog.Which.values())
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .toList();
    if (!known.contains(text)) {
      throw new IllegalArgumentException(
          "log.requests: there is no '%s'; %s".formatted(text, NearestName.suggest(text, known)));
    }
    return RequestLog.Which.valueOf(text.toUpperCase(Locale.ROOT));
  }
}
