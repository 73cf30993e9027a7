package dev.varve.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.RuntimeVisibleAnnotationsAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What one class file says about its neighbours.
 *
 * <p>{@code types} are the class entries of the constant pool and every class that any of its texts
 * names as a descriptor or signature: those of fields, methods, records, annotations, {@code
 * invokedynamic} and constants alike, because all of them lie in the pool. A string literal that
 * looks like a descriptor counts too. {@code members} are the fields and methods that the code
 * touches, method handles and lambdas included.
 *
 * @param name binary name, as in {@code dev.varve.store.Tier$1}
 * @param annotations descriptors of the annotations on the class itself, visible at run time
 */
public record ClassFacts(
    String name, Set<String> types, Set<Member> members, Set<String> annotations) {
  private static final Pattern DESCRIPTOR =
      Pattern.compile("L((?:[\\p{L}\\p{N}_$-]+/)+[\\p{L}\\p{N}_$-]+)[;<]");

  /** A field or method that a class touches. */
  public record Member(String owner, String name) {}

  String packageName() {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /** The simple name of the class of the source file's top level. */
  String topLevelName() {
    String simple = name.substring(name.lastIndexOf('.') + 1);
    int nested = simple.indexOf('$', 1);
    return nested < 0 ? simple : simple.substring(0, nested);
  }

  static ClassFacts read(byte[] bytes) {
    ClassModel model = ClassFile.of().parse(bytes);
    Set<String> types = new TreeSet<>();
    Set<Member> members = new HashSet<>();
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case ClassEntry type -> addInternalName(type.asInternalName(), types);
        case Utf8Entry text -> addDescriptors(text.stringValue(), types);
        case MemberRefEntry member ->
            members.add(
                new Member(dotted(member.owner().asInternalName()), member.name().stringValue()));
        default -> {}
      }
    }
    return new ClassFacts(
        dotted(model.thisClass().asInternalName()), types, members, annotations(model));
  }

  /** Reads every class file below a folder. */
  static List<ClassFacts> readAll(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .sorted()
          .map(ClassFacts::readFile)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClassFacts readFile(Path file) {
    try {
      return read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> annotations(ClassModel model) {
    Set<String> found = new TreeSet<>();
    model
        .findAttribute(Attributes.runtimeVisibleAnnotations())
        .map(RuntimeVisibleAnnotationsAttribute::annotations)
        .orElse(List.of())
        .forEach((Annotation annotation) -> found.add(annotation.className().stringValue()));
    return found;
  }

  /** An array's class entry is a descriptor, which its text yields. */
  private static void addInternalName(String name, Set<String> types) {
    if (!name.startsWith("[")) {
      types.add(dotted(name));
    }
  }

  private static void addDescriptors(String text, Set<String> types) {
    Matcher matcher = DESCRIPTOR.matcher(text);
    while (matcher.find()) {
      types.add(dotted(matcher.group(1)));
    }
  }

  private static String dotted(String internalName) {
    return internalName.replace('/', '.');
  }
}
