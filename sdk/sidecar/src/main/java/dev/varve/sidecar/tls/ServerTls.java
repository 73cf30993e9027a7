package dev.varve.sidecar.tls;

import dev.varve.sidecar.status.TlsState;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of a server, read again when their files change or somebody asks for it. New
 * connections are made with what was read last; old ones go on with what they began with. What
 * cannot be used is refused, and what held before still holds. Thread-safe.
 */
public final class ServerTls implements Encryption {

  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
  private static final int HANDSHAKE_SECONDS = 10;

  private final TlsFiles files;
  private final LongSupplier millis;
  private volatile LoadedTls loaded;
  private Object stamp;
  private long reloads;
  private String lastFailure = "";
  private String logged = "";

  private ServerTls(TlsFiles files, LongSupplier millis) throws IOException {
    this.files = files;
    this.millis = millis;
    this.stamp = files.stamp();
    this.loaded = LoadedTls.read(files, now());
  }

  /**
   * Reads the files.
   *
   * @param millis milliseconds since 1970
   * @throws IOException in one sentence, if they cannot be used
   */
  public static ServerTls open(TlsFiles files, LongSupplier millis) throws IOException {
    return new ServerTls(files, millis);
  }

  private Instant now() {
    return Instant.ofEpochMilli(millis.getAsLong());
  }

  @Override
  public void encrypt(Channel channel) {
    SslHandler handler = loaded.context().newHandler(channel.alloc());
    handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    channel.pipeline().addLast(handler, new HandshakeWatch());
  }

  /**
   * Reads the files again.
   *
   * @throws IOException in one sentence, if they cannot be used: what held before still holds
   */
  public synchronized void reload() throws IOException {
    try {
      Object found = files.stamp();
      loaded = LoadedTls.read(files, now());
      stamp = found;
      reloads++;
      lastFailure = "";
      LOG.info("the certificate was read again: {}", LoadedTls.name(loaded.certificate()));
    } catch (IOException e) {
      lastFailure = String.valueOf(e.getMessage());
      throw e;
    }
  }

  /** Reads them again if one was changed; a failure is logged once for every change. */
  public synchronized void reloadIfChanged() {
    try {
      Object found = files.stamp();
      if (!found.equals(stamp)) {
        stamp = found;
        reload();
      }
    } catch (IOException e) {
      String failure = String.valueOf(e.getMessage());
      lastFailure = failure;
      if (!failure.equals(logged)) {
        LOG.error("the certificate cannot be read again, the one before still holds: {}", failure);
      }
      logged = failure;
    }
  }

  /** What clients are shown, and how reading it again went. */
  public synchronized TlsState state() {
    LoadedTls now = loaded;
    return new TlsState(
        LoadedTls.name(now.certificate()),
        now.certificate().getSerialNumber().toString(16),
        now.certificate().getNotAfter().toInstant().toString(),
        files.clientCa().isPresent(),
        reloads,
        lastFailure);
  }
}
