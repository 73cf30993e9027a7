package dev.varve.cli.command;

/** What computes in the demo. */
enum DemoEngine {
  /** Our own decoder. */
  VARVE,
  /** llama.cpp. */
  LLAMACPP
}
