package dev.varve.sdk;

import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.ClaimedChain;
import dev.varve.sdk.internal.Prefixes;
import dev.varve.sdk.internal.SavedSessions;
import dev.varve.sdk.internal.SessionFile;
import dev.varve.sdk.internal.SessionPolicies;
import dev.varve.sdk.internal.SessionReading;
import dev.varve.sdk.internal.SessionState;
import dev.varve.store.Chunk;
import dev.varve.store.Tenant;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens saved sessions as they were: what is still stored of their chunks claimed, the rows behind
 * these or the private ones from the file. Thread-safe.
 */
final class SessionResuming {

  private static final Logger LOG = LoggerFactory.getLogger(SessionResuming.class);

  private final CacheParts parts;
  private final Prefixes prefixes;
  private final Traffic traffic;
  private final Function<SessionState, KvSession> opening;

  /**
   * @param traffic told of files that failed a check
   * @param opening makes a session of the cache
   */
  SessionResuming(
      CacheParts parts,
      Prefixes prefixes,
      Traffic traffic,
      Function<SessionState, KvSession> opening) {
    this.parts = parts;
    this.prefixes = prefixes;
    this.traffic = traffic;
    this.opening = opening;
  }

  Resumption resume(SavedSessions saved, Tenant tenant, String name, SessionPolicies policies) {
    try (Arena arena = Arena.ofConfined()) {
      return switch (saved.load(tenant, name, policies, arena)) {
        case SessionReading.Sound(SessionFile file) -> {
          SessionState state = new SessionState(parts, tenant, file.lineage(), policies);
          yield resume(opening.apply(state), tenant, file);
        }
        case SessionReading.Refused(String reason, boolean damaged) -> {
          if (damaged) {
            LOG.error("{}", reason);
            traffic.sessionRefused();
          }
          yield new Resumption.Refused(reason);
        }
      };
    }
  }

  private Resumption resume(KvSession session, Tenant tenant, SessionFile file) {
    boolean resumed = false;
    try {
      if (file.privateRows().isPresent()) {
        session.state().restorePrivate(file.tokenIds(), file.privateRows().get());
        session.state().park(parked(tenant, file));
        resumed = true;
        return new Resumption.Resumed(session, file.tokens());
      }
      int[] ids = file.sealedTokenIds();
      ClaimedChain chain = prefixes.claimIn(tenant, file.lineages(), ids);
      int held = chain.chunks().size() * blockTokens();
      session.state().adopt(chain, Arrays.copyOf(ids, held));
      if (session.length() == ids.length) {
        session.state().restoreTail(file.tailTokenIds(), file::fill);
      }
      session.state().approximateFrom(file.lineages());
      resumed = true;
      return new Resumption.Resumed(session, file.tokens());
    } finally {
      if (!resumed) {
        session.close();
      }
    }
  }

  /** What is still stored of the blocks that a saved session parked, claimed. */
  private List<Chunk> parked(Tenant tenant, SessionFile file) {
    int tokens = file.parkedBlocks() * blockTokens();
    return tokens == 0
        ? List.of()
        : prefixes
            .claimIn(tenant, file.lineages(), Arrays.copyOf(file.tokenIds(), tokens))
            .chunks();
  }

  private int blockTokens() {
    return parts.tiers().geometry().blockTokens();
  }
}
