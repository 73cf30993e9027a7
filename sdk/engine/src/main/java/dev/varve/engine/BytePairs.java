package dev.varve.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding with scores, as in SentencePiece (Kudo and Richardson, 2018): the neighbours
 * that make the token of the best score merge first, of equals the leftmost.
 *
 * @param texts what each token stands for
 * @param scores by token; a higher score merges earlier
 * @param ids tokens that may come of a merge, or merge on
 */
record BytePairs(List<String> texts, List<Float> scores, Map<String, Integer> ids) {

  /** Merges the tokens of a word until no neighbours make a token. */
  IntStream merge(int[] word) {
    int n = word.length;
    int[] pairs = new int[n];
    for (int i = 0; i + 1 < n; i++) {
      pairs[i] = pair(word[i], word[i + 1]);
    }
    for (int best = best(pairs, n); best >= 0; best = best(pairs, n)) {
      word[best] = pairs[best];
      n--;
      System.arraycopy(word, best + 2, word, best + 1, n - best - 1);
      System.arraycopy(pairs, best + 1, pairs, best, n - best);
      for (int i = Math.max(0, best - 1); i <= best && i + 1 < n; i++) {
        pairs[i] = pair(word[i], word[i + 1]);
      }
    }
    return Arrays.stream(word, 0, n);
  }

  private int pair(int left, int right) {
    String a = texts.get(left);
    String b = texts.get(right);
    return ids.getOrDefault(a, -1) == left && ids.getOrDefault(b, -1) == right
        ? ids.getOrDefault(a + b, -1)
        : -1;
  }

  private int best(int[] pairs, int tokens) {
    int best = -1;
    for (int i = 0; i + 1 < tokens; i++) {
      if (pairs[i] >= 0 && (best < 0 || scores.get(pairs[i]) > scores.get(pairs[best]))) {
        best = i;
      }
    }
    return best;
  }
}
