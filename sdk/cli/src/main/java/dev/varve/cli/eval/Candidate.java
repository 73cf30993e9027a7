package dev.varve.cli.eval;

import java.util.OptionalDouble;

/**
 * One line of an evaluation.
 *
 * @param policy its text, without the budget
 * @param budget share of the tokens kept; empty where the policy decides that itself
 * @param questionVisible whether the policy sees the question before it chooses
 */
record Candidate(String policy, OptionalDouble budget, boolean questionVisible) {}
