package dev.varve.sidecar.command;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.handover.HandoverSession;
import dev.varve.sidecar.resp.Protocol;
import dev.varve.store.Tenant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server knows of one client. Changed by the requests of that client only, which come one
 * after the other; read by all.
 */
public final class Client {

  private final long id;
  private final Place place;
  private final Users users;
  private final Spaces spaces;
  private final long connectedMillis;
  private volatile Protocol protocol = Protocol.RESP2;
  private volatile @Nullable User user;
  private volatile Keys keys;
  private volatile String name = "";
  private volatile String library = "";
  private volatile String libraryVersion = "";
  private volatile String lastCommand = "";
  private volatile boolean finished;
  private volatile @Nullable HandoverSession handover;

  /**
   * Where a client is.
   *
   * @param remote its address and port
   * @param localHost our address that it knows
   * @param localPort our port
   */
  public record Place(String remote, String localHost, int localPort) {}

  /**
   * @param id of no other client of this server
   * @param connectedMillis since 1970
   */
  public Client(long id, Place place, Users users, Spaces spaces, long connectedMillis) {
    this.id = id;
    this.place = place;
    this.users = users;
    this.spaces = spaces;
    this.connectedMillis = connectedMillis;
    this.user = users.stranger().orElse(null);
    this.keys = keysOf(user);
  }

  private Keys keysOf(@Nullable User of) {
    return spaces.keys(of == null ? Tenant.NONE : of.tenant());
  }

  /** Forgets everything but the connection, as {@code RESET} asks. */
  public void reset() {
    protocol = Protocol.RESP2;
    name = "";
    become(users.stranger().orElse(null));
  }

  /** Is this user from now on; null for nobody yet. */
  public void become(@Nullable User identified) {
    user = identified;
    keys = keysOf(identified);
  }

  /** Checks a name and a password and becomes that user; returns false if they are wrong. */
  public boolean authenticate(String userName, byte[] password) {
    Optional<User> found = users.find(userName, password);
    found.ifPresent(this::become);
    return found.isPresent();
  }

  /** Who it is; empty until it said so. */
  public Optional<User> user() {
    return Optional.ofNullable(user);
  }

  /** Its tenant's keys. */
  public Keys keys() {
    return keys;
  }

  public long id() {
    return id;
  }

  public Place place() {
    return place;
  }

  public Protocol protocol() {
    return protocol;
  }

  public void protocol(Protocol chosen) {
    protocol = chosen;
  }

  public String name() {
    return name;
  }

  public void name(String chosen) {
    name = chosen;
  }

  /** Says which library the client is written with. */
  public void library(String chosen) {
    library = chosen;
  }

  /** Says which version of it. */
  public void libraryVersion(String chosen) {
    libraryVersion = chosen;
  }

  /** Notes what it asked for last. */
  public void lastCommand(String command) {
    lastCommand = command;
  }

  /** Came over the Unix socket: what it maps and leases is noted there. */
  public void handover(HandoverSession session) {
    handover = session;
  }

  /** What it has mapped and leased; empty if it came over the port. */
  public Optional<HandoverSession> handover() {
    return Optional.ofNullable(handover);
  }

  /** Is to be disconnected once its replies were sent. */
  public void finish() {
    finished = true;
  }

  public boolean finished() {
    return finished;
  }

  /** The line of {@code CLIENT LIST}. */
  public String line(long nowMillis) {
    User now = user;
    return "id=%d addr=%s laddr=%s:%d name=%s age=%d db=0 cmd=%s user=%s resp=%d lib-name=%s lib-ver=%s"
        .formatted(
            id,
            place.remote(),
            place.localHost(),
            place.localPort(),
            name,
            (nowMillis - connectedMillis) / 1000,
            lastCommand.isEmpty() ? "NULL" : lastCommand,
            now == null ? "default" : now.name(),
            protocol.version(),
            library,
            libraryVersion);
  }
}
