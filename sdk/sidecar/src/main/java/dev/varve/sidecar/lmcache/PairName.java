package dev.varve.sidecar.lmcache;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What both keys of a pair begin with, as LMCache's connector inside an engine makes it: {@code
 * model@world size@worker@hash@type[@layer][@tag%value...]}, or {@code vllm@model@world
 * size@worker@hash} in older releases.
 *
 * @param text all of it
 * @param model name of the model
 * @param worldSize number of workers
 * @param worker which of them
 * @param hash of the tokens: hexadecimal, and negative where Python's own hash was
 * @param type of an element; empty where the key names none
 */
public record PairName(
    String text, String model, int worldSize, int worker, String hash, String type) {

  private static final Pattern FORM =
      Pattern.compile(
          "(?:vllm@)?(?<model>[^@]+)@(?<world>[0-9]{1,9})@(?<worker>[0-9]{1,9})"
              + "@(?<hash>-?[0-9a-f]{1,64})"
              + "(?:@(?<type>half|bfloat16|float|double|u?int8|u?int16|int32|int64|bool"
              + "|fp8_e4m3fn|fp8_e4m3fnuz|fp8_e5m2|fp8_e5m2fnuz)(?:@[0-9]{1,9})?(?:@[^@%]+%[^@]*)*)?",
          Pattern.DOTALL);

  /** Reads the beginning that both keys share. */
  public static Optional<PairName> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String type = matcher.group("type");
    return Optional.of(
        new PairName(
            text,
            matcher.group("model"),
            Integer.parseInt(matcher.group("world")),
            Integer.parseInt(matcher.group("worker")),
            matcher.group("hash"),
            type == null ? "" : type));
  }
}
