package dev.varve.compression;

/** The two separately decodable parts of a block. */
public enum Section {
  KEYS,
  VALUES
}
