package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.Expiry;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectInfo;

/**
 * What follows key and value in {@code SET}.
 *
 * @param terms of the commit
 * @param expiresAtMillis since 1970, or {@link ObjectInfo#NEVER}
 * @param get whether the value before is the reply
 */
record SetOptions(CommitTerms terms, long expiresAtMillis, boolean get) {

  /** Reads them; any order, each kind at most once. */
  static SetOptions parse(Arguments arguments, long nowMillis) {
    boolean get = false;
    boolean keep = false;
    String condition = "";
    long expires = ObjectInfo.NEVER;
    for (int i = 3; i < arguments.size(); i++) {
      String word = arguments.word(i);
      switch (word) {
        case "nx", "xx" -> {
          if (!condition.isEmpty() && !condition.equals(word)) {
            throw CommandException.syntax();
          }
          condition = word;
        }
        case "get" -> get = true;
        case "keepttl", "ex", "px", "exat", "pxat" -> {
          if (keep || expires != ObjectInfo.NEVER) {
            throw CommandException.syntax();
          }
          keep = word.equals("keepttl");
          if (!keep) {
            expires = Expiry.parse(word).at(arguments, ++i, nowMillis);
          }
        }
        default -> throw CommandException.syntax();
      }
    }
    CommitTerms terms =
        switch (condition) {
          case "nx" -> CommitTerms.PLAIN.ifAbsent();
          case "xx" -> CommitTerms.PLAIN.ifPresent();
          default -> CommitTerms.PLAIN;
        };
    if (keep) {
      terms = terms.keepingExpiry();
    } else if (expires != ObjectInfo.NEVER) {
      terms = terms.expiringAt(expires);
    }
    return new SetOptions(terms, expires, get);
  }

  /** Whether what is stored would have ended already. */
  boolean endedBefore(long nowMillis) {
    return expiresAtMillis <= nowMillis;
  }
}
