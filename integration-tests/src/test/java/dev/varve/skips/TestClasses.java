package dev.varve.skips;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Tags;

/** Reads the tests and their tags from folders of compiled test classes, without loading one. */
final class TestClasses {
  private static final String TAG = Tag.class.descriptorString();
  private static final String TAGS = Tags.class.descriptorString();
  private static final String JUNIT = "Lorg/junit/jupiter/";

  private final Map<String, ClassModel> classes = new HashMap<>();

  /** Adds every class file below a folder. */
  void addAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.filter(file -> file.toString().endsWith(".class")).forEach(this::add);
    }
  }

  boolean holds(String className) {
    return classes.containsKey(className.replace('.', '/'));
  }

  /** Every test that a runner would find, those inherited from contracts included. */
  List<TaggedTest> tests() {
    List<TaggedTest> found = new ArrayList<>();
    classes.forEach((name, model) -> {
      if (!model.flags().has(AccessFlag.ABSTRACT)) {
        collect(name, name, new HashSet<>(), found);
      }
    });
    return found;
  }

  /** Adds the tests that {@code runner} has from {@code owner}, itself or one that it extends. */
  private void collect(String runner, String owner, Set<String> seen, List<TaggedTest> found) {
    ClassModel model = classes.get(owner);
    if (model == null) {
      return;
    }
    for (MethodModel method : model.methods()) {
      String name = method.methodName().stringValue();
      if (isTest(method) && seen.add(name + method.methodType().stringValue())) {
        Set<String> tags = new TreeSet<>(tagsOf(method));
        addClassTags(runner, tags);
        found.add(new TaggedTest(runner.replace('/', '.'), name, tags));
      }
    }
    parents(model).forEach(parent -> collect(runner, parent, seen, found));
  }

  private static boolean isTest(MethodModel method) {
    return annotations(method).stream()
        .map(annotation -> annotation.className().stringValue())
        .anyMatch(
            name -> name.startsWith(JUNIT) && name.matches(".*(Test|TestFactory|TestTemplate);"));
  }

  private void addClassTags(String name, Set<String> tags) {
    ClassModel model = classes.get(name);
    if (model == null) {
      return;
    }
    tags.addAll(tagsOf(model));
    parents(model).forEach(parent -> addClassTags(parent, tags));
    int nested = name.lastIndexOf('$');
    if (nested > 0) {
      addClassTags(name.substring(0, nested), tags);
    }
  }

  private static Stream<String> parents(ClassModel model) {
    return Stream.concat(model.superclass().stream(), model.interfaces().stream())
        .map(ClassEntry::asInternalName);
  }

  /** Tags written on an element, directly or through annotations of ours that bear them. */
  private Set<String> tagsOf(AttributedElement element) {
    Set<String> tags = new TreeSet<>();
    for (Annotation annotation : annotations(element)) {
      addTags(annotation, tags);
    }
    return tags;
  }

  private void addTags(Annotation annotation, Set<String> tags) {
    String name = annotation.className().stringValue();
    AnnotationValue value = value(annotation);
    if (name.equals(TAG) && value instanceof AnnotationValue.OfString tag) {
      tags.add(tag.stringValue());
    } else if (name.equals(TAGS) && value instanceof AnnotationValue.OfArray several) {
      for (AnnotationValue one : several.values()) {
        if (one instanceof AnnotationValue.OfAnnotation inner) {
          addTags(inner.annotation(), tags);
        }
      }
    } else {
      Optional.ofNullable(classes.get(name.substring(1, name.length() - 1)))
          .ifPresent(ours -> tags.addAll(tagsOf(ours)));
    }
  }

  private static @Nullable AnnotationValue value(Annotation annotation) {
    return annotation.elements().stream()
        .filter(element -> element.name().equalsString("value"))
        .map(AnnotationElement::value)
        .findFirst()
        .orElse(null);
  }

  private static List<Annotation> annotations(AttributedElement element) {
    return element
        .findAttribute(Attributes.runtimeVisibleAnnotations())
        .map(attribute -> attribute.annotations())
        .orElse(List.of());
  }

  private void add(Path file) {
    try {
      ClassModel model = ClassFile.of().parse(file);
      classes.put(model.thisClass().asInternalName(), model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
