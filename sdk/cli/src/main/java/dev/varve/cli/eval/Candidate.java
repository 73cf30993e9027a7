package dev.varve.cli.eval;

/**
 * One line of an evaluation.
 *
 * @param policy its text, without the budget
 * @param budget share of the tokens kept
 * @param questionVisible whether the policy sees the question before it chooses
 */
record Candidate(String policy, double budget, boolean questionVisible) {}
