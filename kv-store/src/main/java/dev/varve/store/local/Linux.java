package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * Functions of the C library, with the number of the error where one fails. Every one that may fail
 * takes memory for that number, made by {@code arena.allocate(Linux.STATE)}, for one thread.
 */
final class Linux {

  /** Layout of what a call leaves behind beside its result. */
  static final StructLayout STATE = Linker.Option.captureStateLayout();

  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int ECONNREFUSED = 111;

  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;

  static final MethodHandle MEMFD_CREATE = function("memfd_create", INT, ADDRESS, INT);
  static final MethodHandle FTRUNCATE = function("ftruncate", INT, INT, LONG);
  static final MethodHandle FCNTL = variadic("fcntl", INT, INT, INT, INT);
  static final MethodHandle OPEN = variadic("open", INT, ADDRESS, INT, INT);
  static final MethodHandle CLOSE = function("close", INT, INT);
  static final MethodHandle MMAP = function("mmap", LONG, ADDRESS, LONG, INT, INT, INT, LONG);
  static final MethodHandle MUNMAP = function("munmap", INT, ADDRESS, LONG);
  static final MethodHandle SOCKET = function("socket", INT, INT, INT, INT);
  static final MethodHandle BIND = function("bind", INT, INT, ADDRESS, INT);
  static final MethodHandle LISTEN = function("listen", INT, INT, INT);
  static final MethodHandle ACCEPT = function("accept4", INT, INT, ADDRESS, ADDRESS, INT);
  static final MethodHandle CONNECT = function("connect", INT, INT, ADDRESS, INT);
  static final MethodHandle SHUTDOWN = function("shutdown", INT, INT, INT);
  static final MethodHandle SENDMSG = function("sendmsg", LONG, INT, ADDRESS, INT);
  static final MethodHandle RECVMSG = function("recvmsg", LONG, INT, ADDRESS, INT);
  static final MethodHandle SETSOCKOPT = function("setsockopt", INT, INT, INT, INT, ADDRESS, INT);
  static final MethodHandle GETSOCKOPT =
      function("getsockopt", INT, INT, INT, INT, ADDRESS, ADDRESS);
  private static final MethodHandle STRERROR = plain("strerror", ADDRESS, INT);

  private Linux() {}

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... arguments) {
    return handle(name, result, arguments, Linker.Option.captureCallState("errno"));
  }

  /** A function whose third argument is one of many. */
  private static MethodHandle variadic(
      String name, MemoryLayout result, MemoryLayout... arguments) {
    return handle(
        name,
        result,
        arguments,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(2));
  }

  private static MethodHandle plain(String name, MemoryLayout result, MemoryLayout... arguments) {
    return handle(name, result, arguments);
  }

  @SuppressWarnings("restricted") // the point of this class
  private static MethodHandle handle(
      String name, MemoryLayout result, MemoryLayout[] arguments, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    MemorySegment address =
        linker
            .defaultLookup()
            .find(name)
            .orElseThrow(
                () -> new UnsupportedOperationException("the C library has no function " + name));
    return linker.downcallHandle(address, FunctionDescriptor.of(result, arguments), options);
  }

  /** The number of the error that a call left in {@code state}. */
  static int error(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  /**
   * The error that a call left in {@code state}, as a sentence.
   *
   * @param what was attempted, as in "cannot listen at /run/x"
   */
  static IOException failure(String what, MemorySegment state) {
    return new IOException(what + ": " + text(error(state)));
  }

  @SuppressWarnings("restricted") // a text of the C library, ended by a zero
  private static String text(int error) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(error);
      return text.reinterpret(256).getString(0).toLowerCase(Locale.ROOT);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** What a call threw that cannot throw: an error of this binding. */
  static IllegalStateException broken(Throwable e) {
    return new IllegalStateException("a call of the C library failed: " + e, e);
  }
}
