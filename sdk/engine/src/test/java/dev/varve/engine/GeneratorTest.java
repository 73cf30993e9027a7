package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.engine.Generator.Ending;
import dev.varve.store.Dtype;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  private static final int[] PROMPT = {1, 403, 407, 261, 378};

  private LlamaModel model;

  @BeforeEach
  void open() {
    model = LlamaModel.open(Models.stories());
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void writesTheStoryThatTheReferenceProgramPrints() throws IOException {
    List<Integer> ids = new ArrayList<>(List.of(1));
    Generator generator = generator(session(), 8);
    Generator.Result result =
        generator.generate(model.tokenizer().encode(""), 256, Sampler.greedy(), ids::add);
    String text = model.tokenizer().decode(ids.stream().mapToInt(Integer::intValue).toArray());
    assertThat(text).isEqualTo(Models.storyText());
    assertThat(result.generated()).isEqualTo(ids.size() - 1);
  }

  @Test
  void prefillsInChunksAndSaysWhichIsTheLast() {
    PlainSteps session = session();
    List<String> progress = new ArrayList<>();
    Generator.Result result =
        generator(session, 2)
            .generate(
                PROMPT,
                3,
                Sampler.greedy(),
                new Generator.Listener() {
                  @Override
                  public void token(int id) {
                    progress.add("token");
                  }

                  @Override
                  public void prefilled(int done, int total) {
                    progress.add(done + "/" + total);
                  }
                });
    assertThat(result).isEqualTo(new Generator.Result(0, 3, Ending.ENOUGH));
    assertThat(session.stepSizes).containsExactly(2, 2, 1, 1, 1);
    assertThat(session.lastOfPrompt).containsExactly(false, false, true, false, false);
    assertThat(progress).containsExactly("0/5", "2/5", "4/5", "5/5", "token", "token", "token");
    assertThat(session.turns).isEqualTo(1);
    assertThat(session.length()).isEqualTo(7);
  }

  @Test
  void computesOnlyWhatTheCacheDoesNotHold() {
    PlainCache cache = new PlainCache(model.modelShape(Dtype.F32));
    new LlamaDecoder(model).step(new int[] {1, 403, 407}, 0, LlamaDecoder.Logits.NONE, cache);
    PlainSteps session =
        new PlainSteps(cache, 3) {
          private boolean reused;

          @Override
          public int length() {
            return reused ? cache.length() : 0;
          }

          @Override
          public int reuse(int[] prompt) {
            reused = true;
            return super.reuse(prompt);
          }
        };
    List<Integer> warm = new ArrayList<>();
    Generator.Result result =
        generator(session, 64).generate(PROMPT, 20, Sampler.greedy(), warm::add);
    List<Integer> cold = new ArrayList<>();
    generator(session(), 64).generate(PROMPT, 20, Sampler.greedy(), cold::add);
    assertThat(result.reused()).isEqualTo(3);
    assertThat(session.stepSizes.getFirst()).isEqualTo(2);
    assertThat(warm).isEqualTo(cold);
  }

  @Test
  void aSecondTurnContinuesTheFirst() {
    PlainSteps session = session();
    Generator generator = generator(session, 64);
    List<Integer> turns = new ArrayList<>();
    generator.generate(PROMPT, 5, Sampler.greedy(), turns::add);
    int last = turns.getLast();
    generator.generate(new int[] {last}, 5, Sampler.greedy(), turns::add);
    List<Integer> once = new ArrayList<>();
    generator(session(), 64).generate(PROMPT, 10, Sampler.greedy(), once::add);
    assertThat(turns).isEqualTo(once);
    assertThat(session.turns).isEqualTo(2);
  }

  @Test
  void stopsWhereTheContextEnds() {
    int[] prompt = new int[510];
    Arrays.fill(prompt, 403);
    List<Integer> ids = new ArrayList<>();
    Generator.Result result =
        generator(session(), 128).generate(prompt, 10, logits -> 403, ids::add);
    assertThat(result).isEqualTo(new Generator.Result(0, 3, Ending.CONTEXT_FULL));
  }

  @Test
  void stopsBeforeTheEndOfTheText() {
    List<Integer> ids = new ArrayList<>();
    int[] script = {400, 401, 2};
    Generator.Result result =
        generator(session(), 8).generate(PROMPT, 10, logits -> script[ids.size()], ids::add);
    assertThat(result).isEqualTo(new Generator.Result(0, 2, Ending.END_OF_TEXT));
    assertThat(ids).containsExactly(400, 401);
  }

  @Test
  void refusesPromptsThatAreEmptyOrTooLong() {
    Generator generator = generator(session(), 8);
    assertThatThrownBy(() -> generator.generate(new int[0], 1, Sampler.greedy(), id -> {}))
        .hasMessageContaining("prompt tokens must be at least 1: 0");
    assertThatThrownBy(() -> generator.generate(new int[513], 1, Sampler.greedy(), id -> {}))
        .hasMessageContaining("between 1 and 512: 513");
  }

  @Test
  void aStepThatFailsLeavesTheSessionAsItWas() {
    PlainSteps session = session();
    Generator generator = generator(session, 8);
    assertThatThrownBy(() -> generator.generate(new int[] {1, 512}, 1, Sampler.greedy(), id -> {}))
        .hasMessageContaining("token id");
    assertThat(session.length()).isZero();
  }

  private PlainSteps session() {
    return new PlainSteps(new PlainCache(model.modelShape(Dtype.F32)), 0);
  }

  private Generator generator(StepSource session, int chunk) {
    return new Generator(new LlamaDecoder(model), session, chunk);
  }
}
