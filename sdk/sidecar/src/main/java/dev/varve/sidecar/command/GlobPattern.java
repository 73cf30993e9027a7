package dev.varve.sidecar.command;

/**
 * A pattern of keys as Redis has them: {@code *}, {@code ?}, {@code [a-c]}, {@code [^a]}, and
 * {@code \} before what stands for itself. Matching takes time in proportion to the lengths'
 * product, never more.
 */
public final class GlobPattern {

  private final byte[] pattern;

  public GlobPattern(byte[] pattern) {
    this.pattern = pattern.clone();
  }

  /** Whether all of {@code text} fits. */
  public boolean matches(byte[] text) {
    int at = 0;
    int next = 0;
    int star = -1;
    int retry = 0;
    while (next < text.length) {
      if (at < pattern.length && pattern[at] == '*') {
        star = at++;
        retry = next;
      } else if (at < pattern.length && matchesOne(at, text[next])) {
        at = end(at);
        next++;
      } else if (star >= 0) {
        at = star + 1;
        next = ++retry;
      } else {
        return false;
      }
    }
    while (at < pattern.length && pattern[at] == '*') {
      at++;
    }
    return at == pattern.length;
  }

  private boolean matchesOne(int at, byte value) {
    return switch (pattern[at]) {
      case '?' -> true;
      case '[' -> matchesClass(at + 1, value & 0xff);
      case '\\' -> pattern[Math.min(at + 1, pattern.length - 1)] == value;
      default -> pattern[at] == value;
    };
  }

  private boolean matchesClass(int start, int value) {
    int at = start;
    boolean negated = at < pattern.length && pattern[at] == '^';
    if (negated) {
      at++;
    }
    boolean found = false;
    while (at < pattern.length && pattern[at] != ']') {
      if (pattern[at] == '\\' && at + 1 < pattern.length) {
        at++;
        found |= (pattern[at] & 0xff) == value;
      } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
        int from = pattern[at] & 0xff;
        int to = pattern[at + 2] & 0xff;
        found |= value >= Math.min(from, to) && value <= Math.max(from, to);
        at += 2;
      } else {
        found |= (pattern[at] & 0xff) == value;
      }
      at++;
    }
    return found != negated;
  }

  /** Where the part of the pattern that begins here ends. */
  private int end(int at) {
    if (pattern[at] == '\\') {
      return Math.min(at + 2, pattern.length);
    }
    if (pattern[at] != '[') {
      return at + 1;
    }
    int next = at + 1;
    while (next < pattern.length && pattern[next] != ']') {
      next +=
          pattern[next] == '\\' ? 2 : pattern.length > next + 2 && pattern[next + 1] == '-' ? 3 : 1;
    }
    return Math.min(next + 1, pattern.length);
  }
}
