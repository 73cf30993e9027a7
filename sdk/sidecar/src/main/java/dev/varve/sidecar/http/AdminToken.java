package dev.varve.sidecar.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/** The token of administrators, given as {@code Authorization: Bearer TOKEN}. */
public final class AdminToken {

  /** Characters of the shortest token. */
  public static final int SHORTEST = 16;

  private static final String SCHEME = "Bearer ";

  private final Optional<String> token;

  /**
   * @param token empty for none: then there is no administrator
   * @throws IllegalArgumentException if it is so short that it could be guessed
   */
  public AdminToken(Optional<String> token) {
    if (token.isPresent() && token.get().length() < SHORTEST) {
      throw new IllegalArgumentException(
          "the admin token has %d characters, the shortest allowed %d: make one with 'openssl rand -hex 32'"
              .formatted(token.get().length(), SHORTEST));
    }
    this.token = token;
  }

  /** A refusal of what a client says of itself, or nothing if it is the administrator. */
  Optional<HttpReply> refuse(String authorization) {
    if (token.isEmpty()) {
      return Optional.of(
          HttpReply.refusal(403, "admin calls are off: set http.token (VARVE_HTTP_TOKEN)"));
    }
    byte[] wanted = (SCHEME + token.get()).getBytes(StandardCharsets.UTF_8);
    byte[] given = authorization.getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(wanted, given)
        ? Optional.empty()
        : Optional.of(
            HttpReply.refusal(401, "send the header 'Authorization: Bearer TOKEN'")
                .with("WWW-Authenticate", "Bearer"));
  }
}
