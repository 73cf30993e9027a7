package dev.varve.sidecar.access;

import dev.varve.store.Tenant;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads users from text, one a line, in the words of Redis's ACL files as far as they mean
 * something here: {@code user NAME on|off [nopass] [>PASSWORD] [#SHA256] [+@all] [-@write]
 * [-@admin] [salt=TEXT]}. Empty lines and such as begin with {@code #} are passed over.
 *
 * <p>A user without a salt is a tenant of that name; {@code default} without one shares the values
 * of callers without a tenant.
 */
public final class UsersFile {

  /** Words of Redis that grant what every user has here anyway. */
  private static final Set<String> GRANTED = Set.of("~*", "&*", "allkeys", "allchannels", "+@all");

  private final Optional<String> tenantKey;

  /**
   * @param tenantKey secret that tenants are derived with; needed by every user that is one
   */
  public UsersFile(Optional<String> tenantKey) {
    this.tenantKey = tenantKey;
  }

  /**
   * The users of a text.
   *
   * @throws IllegalArgumentException names the line, never a password
   */
  public List<User> parse(String text) {
    List<User> users = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int number = 0;
    for (String line : text.lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        User user = user(List.of(line.split("\\s+", -1)));
        if (!names.add(user.name())) {
          throw new IllegalArgumentException("user '" + user.name() + "' is there twice");
        }
        users.add(user);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
      }
    }
    return users;
  }

  private User user(List<String> words) {
    if (words.size() < 3 || !words.getFirst().equals("user")) {
      throw new IllegalArgumentException("write 'user NAME on >PASSWORD', see docs/protocol.md");
    }
    String name = words.get(1);
    boolean enabled = false;
    boolean anyPassword = false;
    boolean write = true;
    boolean admin = true;
    String salt = name.equals(User.DEFAULT) ? "" : name;
    List<PasswordHash> passwords = new ArrayList<>();
    for (String word : words.subList(2, words.size())) {
      switch (word) {
        case "on" -> enabled = true;
        case "off" -> enabled = false;
        case "nopass" -> anyPassword = true;
        case "-@write" -> write = false;
        case "-@admin" -> admin = false;
        default -> {
          if (word.startsWith(">")) {
            passwords.add(PasswordHash.of(word.substring(1).getBytes(StandardCharsets.UTF_8)));
          } else if (word.startsWith("#")) {
            passwords.add(PasswordHash.parse(word.substring(1)));
          } else if (word.startsWith("salt=")) {
            salt = word.substring("salt=".length());
          } else if (!GRANTED.contains(word)) {
            throw new IllegalArgumentException(
                "'%s' means nothing here: take on, off, nopass, >PASSWORD, #SHA256, +@all, -@write, -@admin or salt=TEXT"
                    .formatted(word));
          }
        }
      }
    }
    if (enabled && passwords.isEmpty() && !anyPassword) {
      throw new IllegalArgumentException(
          "user '%s' has no password: give one, or nopass".formatted(name));
    }
    return new User(name, enabled, anyPassword, passwords, write, admin, tenant(name, salt));
  }

  private Tenant tenant(String name, String salt) {
    if (salt.isEmpty()) {
      return Tenant.NONE;
    }
    String key =
        tenantKey.orElseThrow(() ->
            new IllegalArgumentException(
                "user '%s' is a tenant of its own: set access.tenant-key, or salt= for none"
                    .formatted(name)));
    return Tenant.of(key.getBytes(StandardCharsets.UTF_8), salt.getBytes(StandardCharsets.UTF_8));
  }
}
