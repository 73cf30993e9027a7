package dev.varve.store.alias;

import dev.varve.store.Checks;
import dev.varve.store.Digest256;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a vLLM request carries beside its tokens, as far as it enters block hashes. For each block
 * the order is adapter, media, salt, prompt embeddings.
 *
 * <p>The media form is that of releases which hash the offset; it has no published test vector. For
 * releases that hash the bare identifier, give {@link VllmKeys} the {@link ExtraKey}s themselves.
 *
 * @param adapter name of the LoRA adapter, in every block
 * @param media images and the like, by first token
 * @param salt {@code cache_salt}, in the first block only; the chain carries it on
 * @param promptEmbeds digest of the prompt embeddings of each block, first block first; empty if
 *     the prompt came as tokens
 */
public record VllmExtras(
    Optional<String> adapter,
    List<Media> media,
    Optional<String> salt,
    List<Digest256> promptEmbeds) {

  /** Plain text without adapter and salt. */
  public static final VllmExtras NONE =
      new VllmExtras(Optional.empty(), List.of(), Optional.empty(), List.of());

  public VllmExtras {
    media = List.copyOf(media);
    promptEmbeds = List.copyOf(promptEmbeds);
    adapter.ifPresent(name -> refuseEmpty(name, "adapter"));
    salt.ifPresent(text -> refuseEmpty(text, "salt"));
    for (int i = 1; i < media.size(); i++) {
      if (media.get(i).firstToken() < media.get(i - 1).endToken()) {
        throw new IllegalArgumentException(
            "media must not overlap and come by first token: "
                + media.get(i)
                + " follows "
                + media.get(i - 1));
      }
    }
  }

  /** The same with an adapter. */
  public VllmExtras withAdapter(String name) {
    return new VllmExtras(Optional.of(name), media, salt, promptEmbeds);
  }

  /** The same with these media. */
  public VllmExtras withMedia(List<Media> items) {
    return new VllmExtras(adapter, items, salt, promptEmbeds);
  }

  /** The same with a salt. */
  public VllmExtras withSalt(String text) {
    return new VllmExtras(adapter, media, Optional.of(text), promptEmbeds);
  }

  /** The same with digests of prompt embeddings. */
  public VllmExtras withPromptEmbeds(List<Digest256> digests) {
    return new VllmExtras(adapter, media, salt, digests);
  }

  /** The extra keys of block {@code block}. */
  List<ExtraKey> of(int block, int blockTokens) {
    List<ExtraKey> keys = new ArrayList<>();
    adapter.ifPresent(name -> keys.add(new ExtraKey.Text(name)));
    long start = (long) block * blockTokens;
    for (Media item : media) {
      if (item.firstToken() < start + blockTokens && start < item.endToken()) {
        keys.add(item.key(start));
      }
    }
    if (block == 0) {
      salt.ifPresent(text -> keys.add(new ExtraKey.Text(text)));
    }
    if (!promptEmbeds.isEmpty()) {
      keys.add(new ExtraKey.Digest(embedsOf(block)));
    }
    return keys;
  }

  private Digest256 embedsOf(int block) {
    if (block >= promptEmbeds.size()) {
      throw new IllegalArgumentException(
          "block "
              + block
              + " has no digest of its prompt embeddings, only the first "
              + promptEmbeds.size()
              + " have: give one for every full block");
    }
    return promptEmbeds.get(block);
  }

  private static void refuseEmpty(String text, String name) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the " + name + " is empty: leave it out instead");
    }
  }

  /**
   * An image, sound or video in the prompt.
   *
   * @param identifier vLLM's digest or name of the item
   * @param firstToken position of its first placeholder token in the sequence
   * @param tokens placeholder tokens
   */
  public record Media(String identifier, int firstToken, int tokens) {

    public Media {
      refuseEmpty(identifier, "media identifier");
      Checks.notNegative(firstToken, "first token of a media item");
      Checks.positive(tokens, "tokens of a media item");
    }

    long endToken() {
      return (long) firstToken + tokens;
    }

    /** Identifier and offset from the start of the block, which is negative in later blocks. */
    private ExtraKey key(long blockStart) {
      return new ExtraKey.Group(
          List.of(new ExtraKey.Text(identifier), new ExtraKey.Whole(firstToken - blockStart)));
    }
  }
}
