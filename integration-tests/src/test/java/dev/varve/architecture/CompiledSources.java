package dev.varve.architecture;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Small Java sources, compiled into a folder: rule breakers for the tests of the rules. */
public final class CompiledSources {
  private final List<JavaFileObject> sources = new ArrayList<>();

  /** Adds a class; the package statement is written from its name. */
  public CompiledSources with(String className, String body) {
    int dot = className.lastIndexOf('.');
    sources.add(
        new Source(className, "package " + className.substring(0, dot) + ";\n" + body + "\n"));
    return this;
  }

  /** Adds an empty public class, as a stand-in for one of a library or of another module. */
  public CompiledSources withEmpty(String className) {
    String simple = className.substring(className.lastIndexOf('.') + 1);
    return with(className, "public class " + simple + " {}");
  }

  /** Adds a {@code package-info} with one annotation. */
  public CompiledSources withPackage(String name, String annotation) {
    sources.add(new Source(name + ".package-info", annotation + " package " + name + ";\n"));
    return this;
  }

  /** Compiles into {@code folder} and returns the facts of the classes whose name begins so. */
  public List<ClassFacts> compile(Path folder, String prefix) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-g",
            "-proc:none",
            "--add-modules",
            "jdk.incubator.vector",
            "-classpath",
            System.getProperty("java.class.path", ""),
            "-d",
            folder.toString());
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!compiler.getTask(messages, null, null, options, null, sources).call()) {
      throw new IllegalArgumentException("the sources do not compile: " + messages);
    }
    return ClassFacts.readAll(folder).stream()
        .filter(facts -> facts.name().startsWith(prefix))
        .toList();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String className, String text) {
      super(URI.create("memory:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
