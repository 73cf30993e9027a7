package dev.varve.cli.command;

/** What computes. */
enum Engine {
  /** Our own decoder. */
  VARVE,
  /** llama.cpp. */
  LLAMACPP
}
