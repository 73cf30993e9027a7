package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.FieldInstruction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The vector kernels at any lane width on any machine. The width is a constant of the kernels'
 * class, so a second width is a second class: the {@code Vector*} classes are defined again with
 * {@code SPECIES_PREFERRED} replaced by the species of that width.
 */
public final class LaneWidths {
  /** Every width that the Vector API has a fixed species for. */
  public static final List<Integer> ALL = List.of(64, 128, 256, 512);

  private static final String PACKAGE = LaneWidths.class.getPackageName() + ".";
  private static final Map<Integer, Loader> LOADERS = new ConcurrentHashMap<>();

  private LaneWidths() {}

  /** The vector kernel for {@code dtype} at {@code bits}. */
  public static DtypeKernel dtype(int bits, Dtype dtype) {
    return (DtypeKernel) create(bits, "VectorDtypeKernel", dtype);
  }

  /** A vector dot kernel at {@code bits}. */
  public static DotKernel dot(int bits) {
    return (DotKernel) create(bits, "VectorDotKernel");
  }

  /** A vector sum kernel at {@code bits}. */
  public static WeightedSumKernel weightedSum(int bits) {
    return (WeightedSumKernel) create(bits, "VectorWeightedSumKernel");
  }

  /** A vector softmax kernel at {@code bits}. */
  public static SoftmaxKernel softmax(int bits) {
    return (SoftmaxKernel) create(bits, "VectorSoftmaxKernel");
  }

  /** A vector top-k kernel at {@code bits}. */
  public static TopKKernel topK(int bits) {
    return (TopKKernel) create(bits, "VectorTopKKernel");
  }

  /** A vector kernel for codes at {@code bits}. */
  public static CodeDotKernel codeDot(int bits) {
    return (CodeDotKernel) create(bits, "VectorCodeDotKernel");
  }

  /** The width that the classes loaded for {@code bits} really use. */
  static int reportedBits(int bits) {
    try {
      var method = load(bits, "VectorLanes").getDeclaredMethod("bits");
      method.setAccessible(true);
      return (int) method.invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("VectorLanes at " + bits + " bits", e);
    }
  }

  private static Object create(int bits, String simpleName, Object... arguments) {
    try {
      var constructor = load(bits, simpleName).getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(simpleName + " at " + bits + " bits", e);
    }
  }

  private static Class<?> load(int bits, String simpleName) throws ClassNotFoundException {
    return LOADERS.computeIfAbsent(bits, Loader::new).loadClass(PACKAGE + simpleName);
  }

  private static final class Loader extends ClassLoader {
    private final int bits;

    Loader(int bits) {
      super(LaneWidths.class.getClassLoader());
      this.bits = bits;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        if (known != null) {
          return known;
        }
        return name.startsWith(PACKAGE + "Vector")
            ? findClass(name)
            : super.loadClass(name, resolve);
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] bytes = atThisWidth(original(name));
      return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] original(String name) throws ClassNotFoundException {
      String resource = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(resource)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private byte[] atThisWidth(byte[] bytes) {
      CodeTransform width =
          (code, element) -> {
            if (element instanceof FieldInstruction field
                && field.name().equalsString("SPECIES_PREFERRED")) {
              code.getstatic(field.owner().asSymbol(), "SPECIES_" + bits, field.typeSymbol());
            } else {
              code.with(element);
            }
          };
      ClassFile file = ClassFile.of();
      return file.transformClass(file.parse(bytes), ClassTransform.transformingMethodBodies(width));
    }
  }
}
