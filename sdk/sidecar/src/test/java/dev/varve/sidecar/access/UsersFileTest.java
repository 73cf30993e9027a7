package dev.varve.sidecar.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Tenant;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsersFileTest {

  private final UsersFile file = new UsersFile(Optional.of("key"));

  @Test
  void readsUsersInTheWordsOfRedis() {
    List<User> users =
        file.parse(
            """
            # who may come in
            user default on >secret ~* &* +@all

            user alice on #5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
            user reader on >look >see salt=alice -@write -@admin
            user guest on nopass salt=
            user former off
            """);
    Users all = new Users(users);
    assertThat(all.size()).isEqualTo(5);
    assertThat(all.stranger()).isEmpty();
    assertThat(all.find("default", bytes("secret")).map(User::tenant)).contains(Tenant.NONE);
    assertThat(all.find("default", bytes("Secret"))).isEmpty();
    User alice = all.find("alice", bytes("password")).orElseThrow();
    User reader = all.find("reader", bytes("see")).orElseThrow();
    assertThat(alice.tenant()).isEqualTo(Tenant.of(bytes("key"), bytes("alice")));
    assertThat(reader.tenant()).isEqualTo(alice.tenant());
    assertThat(reader.mayWrite() || reader.mayAdminister()).isFalse();
    assertThat(all.find("guest", bytes("anything"))).isPresent();
    assertThat(all.find("former", bytes(""))).isEmpty();
    assertThat(all.find("nobody", bytes(""))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alice on >x|line 1: write 'user NAME on >PASSWORD'",
        "user alice|line 1: write 'user NAME on >PASSWORD'",
        "user alice on|line 1: user 'alice' has no password",
        "user alice on >x +get|line 1: '+get' means nothing here",
        "user alice on #12|line 1: the SHA-256 of a password has 64 hexadecimal digits, not 2",
      })
  void refusesALineThatMeansNothing(String line, String sentence) {
    assertThatThrownBy(() -> file.parse(line)).hasMessageContaining(sentence);
  }

  @Test
  void refusesAUserTwice() {
    assertThatThrownBy(() -> file.parse("user a on >x\nuser a on >y"))
        .hasMessage("line 2: user 'a' is there twice");
  }

  @Test
  void needsAKeyForTenants() {
    UsersFile keyless = new UsersFile(Optional.empty());
    assertThat(keyless.parse("user default on >x")).hasSize(1);
    assertThatThrownBy(() -> keyless.parse("user a on >x"))
        .hasMessageContaining("user 'a' is a tenant of its own: set access.tenant-key");
  }

  @Test
  void showsNoPassword() {
    assertThat(file.parse("user a on >hunter2").toString()).doesNotContain("hunter2");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
