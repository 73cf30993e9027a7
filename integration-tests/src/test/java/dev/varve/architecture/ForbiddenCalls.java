package dev.varve.architecture;

import dev.varve.architecture.ClassFacts.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Calls that take from the caller what is the caller's: threads, properties, the console. */
enum ForbiddenCalls {
  THREAD("starts threads of its own; take an Executor through the constructor") {
    @Override
    boolean matches(Member member) {
      return switch (member.owner()) {
        case "java.lang.Thread" ->
            Set.of("<init>", "ofPlatform", "ofVirtual", "startVirtualThread")
                .contains(member.name());
        case "java.util.concurrent.Executors" -> true;
        case "java.util.concurrent.ForkJoinPool" ->
            Set.of("<init>", "commonPool").contains(member.name());
        case "java.util.concurrent.ThreadPoolExecutor",
            "java.util.concurrent.ScheduledThreadPoolExecutor",
            "java.util.Timer" ->
            member.name().equals("<init>");
        default -> false;
      };
    }
  },
  SYSTEM_PROPERTY("writes a system property; take the value through the constructor") {
    @Override
    boolean matches(Member member) {
      return member.owner().equals("java.lang.System")
          && Set.of("setProperty", "setProperties", "clearProperty").contains(member.name());
    }
  },
  CONSOLE("writes to the console; log through SLF4J or return the text") {
    @Override
    boolean matches(Member member) {
      return (member.owner().equals("java.lang.System")
              && Set.of("out", "err").contains(member.name()))
          || member.owner().equals("java.lang.IO");
    }
  };

  private final String sentence;

  ForbiddenCalls(String sentence) {
    this.sentence = sentence;
  }

  abstract boolean matches(Member member);

  /** One sentence for each forbidden call that {@link NamedPlaces} does not allow. */
  static List<String> violations(List<ClassFacts> classes) {
    List<String> found = new ArrayList<>();
    for (ClassFacts facts : classes) {
      for (ForbiddenCalls call : values()) {
        facts.members().stream()
            .filter(call::matches)
            .filter(member -> !NamedPlaces.allows(call, facts))
            .map(member ->
                "%s uses %s.%s: it %s"
                    .formatted(facts.name(), member.owner(), member.name(), call.sentence))
            .sorted()
            .forEach(found::add);
      }
    }
    return found;
  }
}
