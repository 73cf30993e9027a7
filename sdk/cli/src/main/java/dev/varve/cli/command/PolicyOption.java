package dev.varve.cli.command;

import dev.varve.attention.policy.SelectorPolicies;
import dev.varve.attention.policy.SelectorPolicy;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which read policy. */
final class PolicyOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      description = "Such as tokenselect(init=16,k=128,local=64); docs/policy.md has them all.")
  private Optional<String> text = Optional.empty();

  /** The policy, if it was given. */
  Optional<SelectorPolicy> given() {
    return text.map(this::parse);
  }

  /** The policy, which must have been given. */
  SelectorPolicy required() {
    return given()
        .orElseThrow(() ->
            new ParameterException(
                spec.commandLine(),
                "--policy is missing: give one of " + String.join(", ", SelectorPolicies.names())));
  }

  private SelectorPolicy parse(String policy) {
    try {
      return SelectorPolicies.parse(policy);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--policy: " + e.getMessage(), e);
    }
  }
}
