package dev.varve.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalSocketTest {

  @TempDir Path folder;

  private static MemorySegment text(String text) {
    return Arena.ofAuto().allocateFrom(text).asSlice(0, text.length());
  }

  private static String received(LocalSocket socket) throws IOException {
    MemorySegment target = Arena.ofAuto().allocate(100);
    int count = socket.receiveWithFile(target);
    return new String(
        target.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  @Test
  void bytesAndAFileGoToWhoeverConnects() throws IOException {
    try (LocalListener listener = LocalListener.open(folder.resolve("socket"));
        LocalSocket client = LocalSocket.connect(listener.path());
        LocalSocket server = listener.accept().orElseThrow();
        MemoryFile file = MemoryFile.create("test", 8192)) {
      assertThat(server.peerProcess()).isEqualTo((int) ProcessHandle.current().pid());
      client.send(text("question"));
      assertThat(received(server)).isEqualTo("question");
      assertThat(client.quiet()).isTrue();
      server.send(text("answer"), OptionalInt.of(file.descriptor()));
      assertThat(client.quiet()).isFalse();
      assertThat(received(client)).isEqualTo("answer");
      int descriptor = client.takeFile().orElseThrow();
      assertThat(client.takeFile()).isEmpty();
      try (MappedFile mapped = MappedFile.map(descriptor, 8192)) {
        file.memory().set(ValueLayout.JAVA_INT, 4096, 42);
        assertThat(mapped.memory().get(ValueLayout.JAVA_INT, 4096)).isEqualTo(42);
        assertThatThrownBy(() -> mapped.memory().set(ValueLayout.JAVA_INT, 4096, 1))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void theEndAndAPauseAreTold() throws IOException {
    try (LocalListener listener = LocalListener.open(folder.resolve("socket"));
        LocalSocket client = LocalSocket.connect(listener.path());
        LocalSocket server = listener.accept().orElseThrow()) {
      server.timeouts(Duration.ofMillis(20), Duration.ofSeconds(20));
      MemorySegment target = Arena.ofAuto().allocate(10);
      assertThat(server.receive(target)).isEqualTo(LocalSocket.TIMED_OUT);
      client.shutdown();
      assertThat(server.receive(target)).isZero();
      assertThat(server.quiet()).isFalse();
      assertThatThrownBy(() -> server.send(text("late")))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot send over a Unix socket: ");
    }
  }

  @Test
  void nobodyWritesToAMemoryFileOrChangesItsLengthByADescriptor() throws IOException {
    try (MemoryFile file = MemoryFile.create("test", 8192)) {
      file.memory().set(ValueLayout.JAVA_INT, 0, 7);
      Path again = Path.of("/proc/self/fd/" + file.descriptor());
      assertThatThrownBy(() -> Mappings.map(file.descriptor(), 8192, true, Arena.ofAuto()))
          .hasMessageStartingWith("cannot map 8192 bytes of a memory file: ");
      // Its owner may open it to write: then the seals refuse.
      try (FileChannel channel =
          FileChannel.open(again, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(10), 0))
            .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> channel.truncate(10)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(10), 8192))
            .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> channel.map(FileChannel.MapMode.READ_WRITE, 0, 8192))
            .isInstanceOf(IOException.class);
      }
      assertThatThrownBy(() -> Files.newOutputStream(again).close())
          .isInstanceOf(IOException.class);
      assertThat(Files.size(again)).isEqualTo(8192);
      assertThat(file.memory().get(ValueLayout.JAVA_INT, 0)).isEqualTo(7);
    }
  }

  @Test
  void aFileOfAnotherLengthThanAnnouncedIsNotMapped() throws IOException {
    try (MemoryFile file = MemoryFile.create("test", 4096);
        LocalListener listener = LocalListener.open(folder.resolve("socket"));
        LocalSocket client = LocalSocket.connect(listener.path());
        LocalSocket server = listener.accept().orElseThrow()) {
      server.send(text("x"), OptionalInt.of(file.descriptor()));
      assertThat(received(client)).isEqualTo("x");
      int descriptor = client.takeFile().orElseThrow();
      assertThatThrownBy(() -> MappedFile.map(descriptor, 8192))
          .hasMessage("a memory file was announced with 8192 bytes and has 4096");
    }
  }

  @Test
  void onlyTheOwnerMayConnectAndTheFileGoesAtTheEnd() throws IOException {
    Path path = folder.resolve("socket");
    try (LocalListener listener = LocalListener.open(path)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      assertThat(listener.path()).isEqualTo(path);
    }
    assertThat(path).doesNotExist();
    assertThatThrownBy(() -> LocalSocket.connect(path))
        .hasMessage("cannot connect to " + path + ": no such file or directory");
  }

  @Test
  void aPathThatIsTakenOrTooLongOrOutOfReachIsRefusedWithASentence() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "kept");
    assertThatThrownBy(() -> LocalListener.open(file))
        .hasMessage(
            "cannot listen at "
                + file
                + ": there is a file that is no socket: remove it or choose another path");
    assertThat(file).hasContent("kept");
    Path path = folder.resolve("socket");
    try (LocalListener first = LocalListener.open(path)) {
      assertThatThrownBy(() -> LocalListener.open(first.path()))
          .hasMessage(
              "cannot listen at " + path + ": somebody listens there already: choose another path");
    }
    Path longest = Path.of("/tmp/" + "x".repeat(103));
    assertThatThrownBy(() -> LocalListener.open(longest))
        .hasMessage(
            "the path of a Unix socket has 1 to 107 bytes, this one has 108: choose a shorter one: "
                + longest);
    Path nowhere = folder.resolve("no").resolve("socket");
    assertThatThrownBy(() -> LocalListener.open(nowhere))
        .hasMessage("cannot listen at " + nowhere + ": no such file or directory");
  }

  @Test
  void aFolderThatNobodyMayWriteIsRefusedWithASentence() {
    assertThatThrownBy(() -> LocalListener.open(Path.of("/proc/socket")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot listen at /proc/socket: ");
  }

  @Test
  void theSocketOfAProcessThatDiedIsReplaced() throws Exception {
    Path path = folder.resolve("socket");
    LocalListener dead = LocalListener.open(path);
    Path kept = folder.resolve("kept");
    Files.createLink(kept, path);
    dead.close();
    Files.move(kept, path);
    try (LocalListener listener = LocalListener.open(path);
        LocalSocket client = LocalSocket.connect(path)) {
      assertThat(listener.accept()).isPresent().get().satisfies(LocalSocket::close);
      assertThat(client.receive(Arena.ofAuto().allocate(1))).isZero();
    }
  }

  @Test
  void otherSystemsAreToldWhereItWorks() {
    assertThatThrownBy(() -> LocalMachine.check("Windows 11", 8))
        .hasMessage(
            "memory is handed over on Linux of 64 bits only, this is Windows 11: use the port"
                + " instead");
    assertThatThrownBy(() -> LocalMachine.check("Linux", 4))
        .hasMessageContaining("this is Linux on another processor");
  }
}
