package dev.varve.sidecar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The transport that was chosen.
 *
 * @param reason one line: why this one, and why not a better one
 */
public record TransportChoice(Transport transport, String reason) {

  /** What a setting may say: a name, or this for the best there is. */
  public static final String AUTO = "auto";

  /**
   * Chooses the best there is, epoll before io_uring before NIO, or the one that is asked for.
   *
   * @param wanted empty for the best
   * @throws IllegalArgumentException if the one that is asked for cannot be used
   */
  public static TransportChoice of(Optional<Transport> wanted) {
    if (wanted.isPresent()) {
      @Nullable Throwable missing = wanted.get().missing();
      if (missing != null) {
        throw new IllegalArgumentException(
            "the transport %s cannot be used here (%s): take %s"
                .formatted(wanted.get().label(), cause(missing), AUTO),
            missing);
      }
      return new TransportChoice(wanted.get(), wanted.get().label() + ", as asked for");
    }
    List<String> passedOver = new ArrayList<>();
    for (Transport transport : Transport.values()) {
      @Nullable Throwable missing = transport.missing();
      if (missing == null) {
        String before = passedOver.isEmpty() ? "the fastest" : String.join("; ", passedOver);
        return new TransportChoice(transport, transport.label() + ": " + before);
      }
      passedOver.add("no " + transport.label() + " (" + cause(missing) + ")");
    }
    throw new IllegalStateException("NIO is always there");
  }

  /** The transport of that name; empty for {@link #AUTO}. */
  public static Optional<Transport> named(String name) {
    if (name.equals(AUTO)) {
      return Optional.empty();
    }
    return Optional.of(
        Arrays.stream(Transport.values())
            .filter(each -> each.label().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no transport '%s': take auto, epoll, io_uring or nio"
                        .formatted(name))));
  }

  private static String cause(Throwable missing) {
    Throwable deepest = missing;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return String.valueOf(deepest.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
