package dev.varve.offload.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceReaderTest {

  private static final String GOOD =
      "{\"timestamp\": 5, \"input_length\": 600, \"output_length\": 9, \"hash_ids\": [3, 4]}\n";

  @Test
  void readsRequestsAndSkipsEmptyLines() throws IOException {
    Trace trace = read(GOOD + "\n" + GOOD.replace("[3, 4]", "[3, 8]"));

    assertThat(trace.requests()).hasSize(2);
    assertThat(trace.references()).isEqualTo(4);
    assertThat(trace.distinct()).isEqualTo(3);
    TraceRequest first = trace.requests().getFirst();
    assertThat(first.millis()).isEqualTo(5);
    assertThat(first.chunk(1)).isEqualTo(4);
    assertThat(trace.tokens(first, 0)).isEqualTo(512);
    assertThat(trace.tokens(first, 1)).isEqualTo(88);
    assertThat(trace.tokens(first, 2)).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"input_length\": 6, \"hash_ids\": [1]} | has no field timestamp",
        "{\"timestamp\": 7, \"hash_ids\": [1]} | has no field input_length",
        "{\"timestamp\": 7, \"input_length\": 6} | has no field hash_ids",
        "{\"timestamp\": 7, \"input_length\": 6, \"hash_ids\": []} | hash_ids must be a list of at"
            + " least one number: []",
        "{\"timestamp\": 7, \"input_length\": 6, \"hash_ids\": 5} | at least one number: 5",
        "{\"timestamp\": 7, \"input_length\": 6, \"hash_ids\": [\"x\"]} | whole numbers from 0:"
            + " \"x\"",
        "{\"timestamp\": 7, \"input_length\": 6, \"hash_ids\": [-1]} | whole numbers from 0: -1",
        "{\"timestamp\": 3, \"input_length\": 6, \"hash_ids\": [1]} | timestamp 3 lies before 5",
        "{\"timestamp\": -3, \"input_length\": 6, \"hash_ids\": [1]} | timestamp must be a whole"
            + " number",
        "{\"timestamp\": 7, \"input_length\": 1.5, \"hash_ids\": [1]} | input_length must be a"
            + " whole number from 0 to 2147483647: 1.5",
        "{\"timestamp\": 7, \"input_length\": null, \"hash_ids\": [1]} | input_length must be",
        "{\"timestamp\": 7, | is no JSON object",
        "[1, 2] | is no JSON object: [1, 2]",
      })
  void namesTheLineAndTheValueThatIsWrong(String line, String sentence) {
    assertThatExceptionOfType(TraceFormatException.class)
        .isThrownBy(() -> read(GOOD + line + "\n"))
        .withMessageContainingAll("test.jsonl, line 2: ", sentence);
  }

  @Test
  void refusesATraceWithoutRequests() {
    assertThatExceptionOfType(TraceFormatException.class)
        .isThrownBy(() -> read("\n\n"))
        .withMessageContaining("test.jsonl holds no request");
  }

  private static Trace read(String text) throws IOException {
    return TraceReader.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "test.jsonl");
  }
}
