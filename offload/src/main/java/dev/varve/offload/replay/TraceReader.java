package dev.varve.offload.replay;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads traces as Mooncake publishes them (Qin et al., FAST 2025): one JSON object a line with
 * {@code timestamp} in milliseconds, {@code input_length} in tokens and {@code hash_ids}, one
 * number for each chunk of 512 tokens that names the whole prefix up to it. Other fields are
 * ignored, empty lines too; a file whose name ends in {@code .gz} is unpacked.
 */
public final class TraceReader {

  /** Tokens of a chunk in these traces. */
  public static final int CHUNK_TOKENS = 512;

  private static final JsonMapper JSON = new JsonMapper();

  private final String source;
  private final List<TraceRequest> requests = new ArrayList<>();
  private int line;

  private TraceReader(String source) {
    this.source = source;
  }

  /**
   * Reads a file.
   *
   * @throws TraceFormatException if a line is wrong or there is none
   */
  public static Trace read(Path file) throws IOException {
    boolean packed = file.toString().endsWith(".gz");
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = packed ? new GZIPInputStream(raw) : raw) {
      return read(in, file.toString());
    }
  }

  /**
   * Reads unpacked lines.
   *
   * @param source name for error messages
   * @throws TraceFormatException if a line is wrong or there is none
   */
  public static Trace read(InputStream in, String source) throws IOException {
    TraceReader reader = new TraceReader(source);
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (@Nullable String text = lines.readLine(); text != null; text = lines.readLine()) {
      reader.line++;
      if (!text.isBlank()) {
        reader.requests.add(reader.request(text));
      }
    }
    if (reader.requests.isEmpty()) {
      throw new TraceFormatException(
          source + " holds no request; a trace has one JSON object a line");
    }
    return new Trace(reader.requests, CHUNK_TOKENS);
  }

  private TraceRequest request(String text) throws TraceFormatException {
    JsonNode object = parse(text);
    long millis = number(object, "timestamp", Long.MAX_VALUE);
    int tokens = (int) number(object, "input_length", Integer.MAX_VALUE);
    if (!requests.isEmpty() && millis < requests.getLast().millis()) {
      throw wrong(
          "timestamp %d lies before %d of the request before; sort the trace by time"
              .formatted(millis, requests.getLast().millis()));
    }
    return new TraceRequest(millis, tokens, chunks(object));
  }

  private JsonNode parse(String text) throws TraceFormatException {
    try {
      JsonNode node = JSON.readTree(text);
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException e) {
      throw wrong("is no JSON object: " + excerpt(text));
    }
    throw wrong("is no JSON object: " + excerpt(text));
  }

  private long number(JsonNode object, String field, long most) throws TraceFormatException {
    @Nullable JsonNode value = object.get(field);
    if (value == null) {
      throw wrong("has no field " + field + ": " + excerpt(object.toString()));
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 0
        || value.longValue() > most) {
      throw wrong(
          "%s must be a whole number from 0 to %d: %s"
              .formatted(field, most, excerpt(value.toString())));
    }
    return value.longValue();
  }

  private long[] chunks(JsonNode object) throws TraceFormatException {
    @Nullable JsonNode list = object.get("hash_ids");
    if (list == null) {
      throw wrong("has no field hash_ids: " + excerpt(object.toString()));
    }
    if (!list.isArray() || list.isEmpty()) {
      throw wrong("hash_ids must be a list of at least one number: " + excerpt(list.toString()));
    }
    long[] chunks = new long[list.size()];
    for (int i = 0; i < chunks.length; i++) {
      JsonNode value = list.get(i);
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        throw wrong("hash_ids must be whole numbers from 0: " + excerpt(value.toString()));
      }
      chunks[i] = value.longValue();
    }
    return chunks;
  }

  private static String excerpt(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private TraceFormatException wrong(String what) {
    return new TraceFormatException("%s, line %d: %s".formatted(source, line, what));
  }
}
