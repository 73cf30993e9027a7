package dev.varve.offload.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectPage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectIndexTest {

  private static final Digest256 GROUP = new Digest256(1, 2, 3, 4);
  private final ObjectIndex index = new ObjectIndex();

  @Test
  void aNewVersionLeavesBehindWhatItDoesNotShare() {
    Extent shared = new Extent(1, 0, 100);
    Extent old = new Extent(1, 1, 50);
    ObjectManifest first = manifest(7, 1, ObjectInfo.NEVER, List.of(shared, old));
    ObjectManifest second = manifest(7, 2, ObjectInfo.NEVER, List.of(shared, new Extent(2, 0, 60)));
    assertThat(index.enter(first)).isEmpty();
    assertThat(index.enter(second)).containsExactly(first.name().extent(old), first.chunk());
    assertThat(index.ownerOf(first.name().extent(shared))).hasValue(first.name());
    assertThat(index.ownerOf(first.name().extent(old))).isEmpty();
    assertThat(index.bytes()).isEqualTo(160);
    assertThat(index.strike(first)).as("it is not the newest").isEmpty();
    assertThat(index.strike(second)).containsExactly(second);
    assertThat(index.count()).isZero();
    assertThat(index.bytes()).isZero();
    assertThat(index.ownerOf(second.chunk())).isEmpty();
  }

  @Test
  void namesWhatHasExpiredEarliestFirst() {
    index.enter(manifest(1, 1, 300, List.of()));
    index.enter(manifest(2, 2, 100, List.of()));
    index.enter(manifest(3, 3, 200, List.of()));
    index.enter(manifest(3, 4, 400, List.of()));
    assertThat(index.expired(99, 9)).isEmpty();
    assertThat(index.expired(300, 9)).extracting(ObjectManifest::version).containsExactly(2L, 1L);
    assertThat(index.expired(300, 1)).hasSize(1);
  }

  @Test
  void aGroupIsStruckTogetherWithinItsTenant() {
    index.enter(grouped(manifest(1, 1, 5, List.of())));
    index.enter(grouped(manifest(2, 2, 5, List.of())));
    index.enter(manifest(3, 3, 5, List.of()));
    ObjectName other = ObjectName.of(new Tenant(1, 1), new byte[] {1});
    index.enter(
        new ObjectManifest(
            other, ByteBuffer.wrap(new byte[] {1}), 4, 5, Optional.of(GROUP), List.of()));
    assertThat(index.strike(index.find(name(1)).orElseThrow())).hasSize(2);
    assertThat(index.count()).isEqualTo(2);
    assertThat(index.find(other)).isPresent();
  }

  @Test
  void aPageThatIsCutGoesOnBehindItsLastName() {
    for (int i = 0; i < 100; i++) {
      index.enter(manifest(i, i, 5, List.of()));
    }
    NameTable table = index.table(Tenant.NONE);
    List<byte[]> seen = new ArrayList<>();
    int pages = 0;
    long cursor = 0;
    do {
      ObjectPage page = table.page(cursor, 7, manifest -> manifest.version() % 2 == 0);
      seen.addAll(page.names());
      cursor = page.cursor();
      pages++;
    } while (cursor != 0);
    assertThat(seen).hasSize(50).doesNotHaveDuplicates();
    assertThat(pages).isBetween(8, 9);
  }

  private static ObjectName name(int number) {
    return ObjectName.of(Tenant.NONE, new byte[] {(byte) number});
  }

  private static ObjectManifest manifest(int name, long version, long end, List<Extent> extents) {
    ByteBuffer key = ByteBuffer.wrap(new byte[] {(byte) name});
    return new ObjectManifest(name(name), key, version, end, Optional.empty(), extents);
  }

  private static ObjectManifest grouped(ObjectManifest manifest) {
    return new ObjectManifest(
        manifest.name(),
        manifest.key(),
        manifest.version(),
        manifest.expiresAtMillis(),
        Optional.of(GROUP),
        manifest.extents());
  }
}
