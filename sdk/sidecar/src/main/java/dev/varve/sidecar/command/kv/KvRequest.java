package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.model.ContextName;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.Tenant;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The arguments of a command about a model, read one after the other. */
final class KvRequest {

  /** Most tokens of a context. */
  static final int MAX_TOKENS = 1 << 22;

  private static final ValueLayout.OfInt ID =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Arguments arguments;
  private final Client client;
  private final ServedModel model;
  private int next = 2;
  private boolean namedByTokens;

  private KvRequest(Arguments arguments, Client client, ServedModel model) {
    this.arguments = arguments;
    this.client = client;
    this.model = model;
  }

  /** Finds the model that the first argument names. */
  static KvRequest of(Arguments arguments, Client client, Models models) {
    String name = arguments.at(1).length() > 512 ? "" : arguments.text(1);
    ServedModel model =
        models
            .find(name)
            .orElseThrow(() ->
                CommandException.of(
                    models.names().isEmpty()
                        ? "no such model '%.128s', this server knows none: set models.file"
                            .formatted(name)
                        : "no such model '%.128s', there are: %s"
                            .formatted(name, String.join(", ", models.names()))));
    return new KvRequest(arguments, client, model);
  }

  ServedModel model() {
    return model;
  }

  Tenant tenant() {
    return client.user().map(User::tenant).orElse(Tenant.NONE);
  }

  boolean mayWrite() {
    return client.user().map(User::mayWrite).orElse(false);
  }

  /** Whether there is nothing more to read. */
  boolean done() {
    return next >= arguments.size();
  }

  /** The next argument as a word in lower case; it must be there. */
  String word() {
    checkMore();
    return arguments.word(next++);
  }

  /** Whether the next argument is this word, which is then passed over. */
  boolean take(String word) {
    boolean taken = !done() && arguments.word(next).equals(word);
    next += taken ? 1 : 0;
    return taken;
  }

  private void checkMore() {
    if (done()) {
      throw CommandException.syntax();
    }
  }

  /** The next argument as bytes. */
  Argument bytes() {
    checkMore();
    return arguments.at(next++);
  }

  /** The next argument as text of at most 128 characters. */
  String text() {
    Argument argument = bytes();
    if (argument.length() > 128) {
      throw CommandException.syntax();
    }
    return Text.of(argument);
  }

  /** The next argument as a whole number in a range. */
  long integer(String what, long least, long most) {
    long value = arguments.integer(next++);
    if (value < least || value > most) {
      throw CommandException.of(
          "%s must be between %d and %d: %d".formatted(what, least, most, value));
    }
    return value;
  }

  /** The next argument as a finite decimal number. */
  double decimal() {
    String text = text();
    boolean number =
        text.matches("-?([0-9]{1,20}[.]?[0-9]{0,20}|[.][0-9]{1,20})([eE][+-]?[0-9]{1,3})?");
    double value = number ? Double.parseDouble(text) : Double.NaN;
    if (!Double.isFinite(value)) {
      throw CommandException.of("value is not a valid float");
    }
    return value;
  }

  /** The next argument as a decimal number above 0. */
  double positive(String what) {
    double value = decimal();
    if (value <= 0) {
      throw CommandException.of("%s must be above 0: %s".formatted(what, value));
    }
    return value;
  }

  /** The context that the next arguments name. */
  int[] context() {
    ContextName name =
        switch (word()) {
          case "tokens" -> new ContextName.Tokens(binary(bytes()));
          case "ids" -> new ContextName.Tokens(written(bytes()));
          case "hashes" -> new ContextName.Hashes(hashes());
          default ->
              throw CommandException.of(
                  "name the context: TOKENS bytes, IDS text or HASHES count hash [hash ...]");
        };
    namedByTokens = name instanceof ContextName.Tokens;
    return name.ids(model.chunkTokens());
  }

  /** Whether the context was named by the ids of its tokens. */
  boolean namedByTokens() {
    return namedByTokens;
  }

  /** Passes over the ids of the tokens of so many chunks, which only the events repeat. */
  void checkTokensOf(int chunks) {
    int[] ids = binary(bytes());
    int expected = chunks * model.chunkTokens();
    if (ids.length != expected) {
      throw CommandException.of(
          "%d hashes stand for %d tokens, TOKENS has %d".formatted(chunks, expected, ids.length));
    }
  }

  private static int[] binary(Argument argument) {
    if (argument.length() % Integer.BYTES != 0) {
      throw CommandException.of(
          "TOKENS takes 4 bytes a token, little-endian: %d bytes".formatted(argument.length()));
    }
    checkTokens(argument.length() / Integer.BYTES);
    int[] ids = MemorySegment.ofArray(argument.toBytes()).toArray(ID);
    for (int id : ids) {
      checkId(id & 0xffff_ffffL);
    }
    return ids;
  }

  private static int[] written(Argument argument) {
    checkTokens(argument.length() / 2);
    String text = Text.of(argument).strip();
    if (text.isEmpty()) {
      return new int[0];
    }
    return Arrays.stream(text.split("[, ]+", -1)).mapToInt(KvRequest::id).toArray();
  }

  private static int id(String text) {
    if (!text.matches("[0-9]{1,10}")) {
      throw CommandException.of("IDS takes token ids, as in 1,15,7: '%.32s'".formatted(text));
    }
    return checkId(Long.parseLong(text));
  }

  private static int checkId(long id) {
    if (id > Integer.MAX_VALUE) {
      throw CommandException.of(
          "a token id must be between 0 and %d: %d".formatted(Integer.MAX_VALUE, id));
    }
    return (int) id;
  }

  private static void checkTokens(long tokens) {
    if (tokens > MAX_TOKENS) {
      throw CommandException.of(
          "a context has at most %d tokens: %d".formatted(MAX_TOKENS, tokens));
    }
  }

  private List<byte[]> hashes() {
    int count = (int) integer("the number of hashes", 0, MAX_TOKENS / model.chunkTokens());
    if (count > arguments.size() - next) {
      throw CommandException.of(
          "%d hashes are announced and %d given".formatted(count, arguments.size() - next));
    }
    List<byte[]> hashes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Argument hash = bytes();
      if (hash.length() < 1 || hash.length() > ContextName.MAX_HASH_BYTES) {
        throw CommandException.of(
            "a hash has 1 to %d bytes: %d".formatted(ContextName.MAX_HASH_BYTES, hash.length()));
      }
      hashes.add(hash.toBytes());
    }
    return hashes;
  }

  /** A range of chunks or layers: the next two arguments, a first one and how many. */
  Range range(String what, int end) {
    int first = (int) integer("the first of the " + what, 0, end);
    int count = (int) integer("the number of " + what, 0, end - (long) first);
    return new Range(first, count);
  }

  /**
   * A range.
   *
   * @param first the first of them
   * @param count how many
   */
  record Range(int first, int count) {

    /** Behind the last. */
    int end() {
      return first + count;
    }
  }
}
