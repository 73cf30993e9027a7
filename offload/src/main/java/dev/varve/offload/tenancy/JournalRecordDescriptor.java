package dev.varve.offload.tenancy;

import dev.varve.store.BlockChecksum;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of one record of the retention journal, little-endian except for tenants and digests,
 * which are byte strings in their big-endian form. Specified in {@code docs/formats/retention.md}.
 *
 * <pre>
 *    0       4      6      8          12               12 + n
 *    +-------+------+------+----------+----------------+-----------+
 *    | magic | kind | zero | n, bytes | body           | CRC of all|
 *    |       |      |      | of body  |                | before    |
 *    +-------+------+------+----------+----------------+-----------+
 * </pre>
 */
final class JournalRecordDescriptor {

  /** First four bytes: {@code VRVX}. */
  static final int MAGIC = 0x58565256;

  /** Bytes before the body. */
  static final int HEADER_LENGTH = 12;

  /** Bytes beside the body. */
  static final int FRAME_LENGTH = HEADER_LENGTH + Integer.BYTES;

  /** A pin of 16 million chunks; no more is believed. */
  static final int MOST_BODY = 1 << 29;

  private static final int EXPIRES = 1;
  private static final int PINNED = 2;
  private static final int UNPINNED = 3;
  private static final int ERASING = 4;
  private static final int ERASED = 5;
  private static final int DOOMED = 6;
  private static final int GONE = 7;

  private static final int TENANT = 1;
  private static final int MODEL = 2;
  private static final int PREFIX = 3;

  private static final int KEY_LENGTH = Tenant.BYTES + 2 * Digest256.BYTES;
  private static final int PIN_LENGTH = 3 * Long.BYTES + Tenant.BYTES + Digest256.BYTES + 8;

  private JournalRecordDescriptor() {}

  /** The bytes of {@code record}. */
  static ByteBuffer write(JournalRecord record) {
    return switch (record) {
      case JournalRecord.Expires(ChunkKey key, long at, boolean handedOn) -> {
        ByteBuffer bytes = frame(EXPIRES, KEY_LENGTH + Long.BYTES + Integer.BYTES);
        put(bytes, key).putLong(at).putInt(handedOn ? 1 : 0);
        yield sealed(bytes);
      }
      case JournalRecord.Pinned(PinRecord pin) -> {
        ByteBuffer bytes = frame(PINNED, PIN_LENGTH + pin.chain().size() * Digest256.BYTES);
        bytes.putLong(pin.id()).putLong(pin.until()).putLong(pin.chunkBytes());
        put(put(bytes, pin.tenant()), pin.fingerprint().digest());
        bytes.putInt(pin.tokens()).putInt(pin.chain().size());
        pin.chain().forEach(chain -> put(bytes, chain.digest()));
        yield sealed(bytes);
      }
      case JournalRecord.Unpinned(long id) -> sealed(frame(UNPINNED, Long.BYTES).putLong(id));
      case JournalRecord.Erasing(EraseScope scope) -> {
        ByteBuffer bytes = frame(ERASING, 2 * Integer.BYTES + KEY_LENGTH);
        put(bytes, scope);
        yield sealed(bytes);
      }
      case JournalRecord.Erased() -> sealed(frame(ERASED, 0));
      case JournalRecord.Doomed(ChunkKey key) -> sealed(put(frame(DOOMED, KEY_LENGTH), key));
      case JournalRecord.Gone(ChunkKey key) -> sealed(put(frame(GONE, KEY_LENGTH), key));
    };
  }

  private static void put(ByteBuffer bytes, EraseScope scope) {
    switch (scope) {
      case EraseScope.OfTenant(Tenant tenant) -> put(bytes.putInt(TENANT).putInt(0), tenant);
      case EraseScope.OfModel(Fingerprint fingerprint) -> {
        bytes.putInt(MODEL).putInt(0);
        put(bytes, Tenant.NONE);
        put(bytes, fingerprint.digest());
      }
      case EraseScope.OfPrefix(ChunkKey key, int firstToken) ->
          put(bytes.putInt(PREFIX).putInt(firstToken), key);
    }
    // What a scope does not name stays zero: the frame's length is fixed.
    bytes.position(HEADER_LENGTH + 2 * Integer.BYTES + KEY_LENGTH);
  }

  private static ByteBuffer frame(int kind, int body) {
    ByteBuffer bytes = ByteBuffer.allocate(FRAME_LENGTH + body).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putInt(MAGIC).putShort((short) kind).putShort((short) 0).putInt(body);
  }

  private static ByteBuffer sealed(ByteBuffer bytes) {
    bytes.putInt(BlockChecksum.crc32c(MemorySegment.ofBuffer(bytes.duplicate().flip())));
    return bytes.flip();
  }

  private static ByteBuffer put(ByteBuffer bytes, ChunkKey key) {
    put(bytes, key.tenant());
    put(bytes, key.fingerprint().digest());
    return put(bytes, key.chain().digest());
  }

  private static ByteBuffer put(ByteBuffer bytes, Tenant tenant) {
    byte[] form = new byte[Tenant.BYTES];
    tenant.write(MemorySegment.ofArray(form), 0);
    return bytes.put(form);
  }

  private static ByteBuffer put(ByteBuffer bytes, Digest256 digest) {
    return bytes.put(digest.toBytes());
  }

  /**
   * Length of the whole record that begins at {@code at} if its frame is sound; 0 if it is not, and
   * the length it claims, negated, if the bytes end before it does.
   */
  static long length(MemorySegment bytes, long at) {
    long left = bytes.byteSize() - at;
    if (left < FRAME_LENGTH) {
      return startsLikeOne(bytes, at, left) ? -FRAME_LENGTH : 0;
    }
    ByteBuffer header = buffer(bytes, at, HEADER_LENGTH);
    int magic = header.getInt(0);
    int body = header.getInt(8);
    if (magic != MAGIC || body < 0 || body > MOST_BODY) {
      return 0;
    }
    long length = (long) FRAME_LENGTH + body;
    if (length > left) {
      return -length;
    }
    int stored = buffer(bytes, at + length - Integer.BYTES, Integer.BYTES).getInt(0);
    return BlockChecksum.crc32c(bytes.asSlice(at, length - Integer.BYTES)) == stored ? length : 0;
  }

  private static boolean startsLikeOne(MemorySegment bytes, long at, long left) {
    ByteBuffer magic = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, MAGIC);
    ByteBuffer found = buffer(bytes, at, Math.min(left, 4));
    return magic.limit(found.limit()).equals(found);
  }

  /** The record at {@code at} whose frame was found sound; empty if its body is impossible. */
  static Optional<JournalRecord> read(MemorySegment bytes, long at) {
    ByteBuffer header = buffer(bytes, at, HEADER_LENGTH);
    int kind = Short.toUnsignedInt(header.getShort(4));
    ByteBuffer body = buffer(bytes, at + HEADER_LENGTH, header.getInt(8));
    try {
      return Optional.of(body(kind, body)).filter(_ -> !body.hasRemaining());
    } catch (RuntimeException e) {
      // A matching CRC proves no good will; whatever the fields make impossible ends here.
      return Optional.empty();
    }
  }

  private static JournalRecord body(int kind, ByteBuffer body) {
    return switch (kind) {
      case EXPIRES ->
          new JournalRecord.Expires(key(body), body.getLong(), (body.getInt() & 1) != 0);
      case PINNED -> new JournalRecord.Pinned(pin(body));
      case UNPINNED -> new JournalRecord.Unpinned(body.getLong());
      case ERASING -> new JournalRecord.Erasing(scope(body));
      case ERASED -> new JournalRecord.Erased();
      case DOOMED -> new JournalRecord.Doomed(key(body));
      case GONE -> new JournalRecord.Gone(key(body));
      default -> throw new IllegalArgumentException("no record of kind " + kind);
    };
  }

  private static PinRecord pin(ByteBuffer body) {
    long id = body.getLong();
    long until = body.getLong();
    long chunkBytes = body.getLong();
    Tenant tenant = tenant(body);
    Fingerprint fingerprint = new Fingerprint(digest(body));
    int tokens = body.getInt();
    int chunks = body.getInt();
    if (chunks < 0 || chunks != body.remaining() / Digest256.BYTES) {
      throw new IllegalArgumentException("impossible number of chunks " + chunks);
    }
    List<ChainKey> chain = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      chain.add(new ChainKey(digest(body)));
    }
    return new PinRecord(id, tenant, fingerprint, tokens, chunkBytes, until, chain);
  }

  private static EraseScope scope(ByteBuffer body) {
    int kind = body.getInt();
    int firstToken = body.getInt();
    ChunkKey key = key(body);
    return switch (kind) {
      case TENANT -> new EraseScope.OfTenant(key.tenant());
      case MODEL -> new EraseScope.OfModel(key.fingerprint());
      case PREFIX -> new EraseScope.OfPrefix(key, firstToken);
      default -> throw new IllegalArgumentException("no scope of kind " + kind);
    };
  }

  private static ChunkKey key(ByteBuffer body) {
    Tenant tenant = tenant(body);
    Fingerprint fingerprint = new Fingerprint(digest(body));
    return new ChunkKey(tenant, fingerprint, new ChainKey(digest(body)));
  }

  private static Tenant tenant(ByteBuffer body) {
    byte[] form = new byte[Tenant.BYTES];
    body.get(form);
    return Tenant.read(MemorySegment.ofArray(form), 0);
  }

  private static Digest256 digest(ByteBuffer body) {
    byte[] form = new byte[Digest256.BYTES];
    body.get(form);
    return Digest256.read(MemorySegment.ofArray(form), 0);
  }

  private static ByteBuffer buffer(MemorySegment bytes, long at, long length) {
    return bytes.asSlice(at, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }
}
