package dev.varve.cli.serve;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says what a component of a settings record means; the documentation is checked against it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

  /** One line for people. */
  String value();

  /** What holds where nobody says anything; empty for nothing. */
  String byDefault() default "";

  /** Whether its value is never shown. */
  boolean secret() default false;
}
