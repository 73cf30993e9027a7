package dev.varve.skips;

import java.util.Set;

/**
 * A test method as its class file describes it.
 *
 * @param className binary name of the class that runs it
 * @param method its name
 * @param tags its own, its class's, and those of enclosing and inherited classes
 */
record TaggedTest(String className, String method, Set<String> tags) {
  @Override
  public String toString() {
    return className.substring(className.lastIndexOf('.') + 1) + "." + method;
  }
}
