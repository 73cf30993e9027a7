package dev.varve.compression.quantize;

import dev.varve.compression.EncodedRows;
import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Integers of 2, 4 or 8 bits in groups that share a scale and, where asymmetric, a zero. Keys by
 * channel and values by token are the arrangement of KIVI (Liu et al., 2024); one group over all
 * tokens of a channel for keys and over all channels of a token for values is KCVT of GEAR (Kang et
 * al., 2024).
 *
 * @param bits 2, 4 or 8
 * @param axis which elements share a scale
 * @param group how many; {@link #WHOLE} for all there are along the axis
 * @param symmetric no zero is stored: codes lie around 0
 */
public record UniformFormat(int bits, Axis axis, int group, boolean symmetric)
    implements SectionFormat {

  /** One group along the whole axis. */
  public static final int WHOLE = 0;

  private static final List<Integer> BITS = List.of(8, 4, 2);
  private static final List<Integer> GROUPS = List.of(32, 64, 128, WHOLE);
  private static final int TOKEN_NUMBERS = 0x20;
  private static final int VECTOR_NUMBERS = 0x2c;
  private static final int CHANNEL_NUMBERS = 0x30;
  private static final int SYMMETRIC_NUMBERS = 0x20;

  public UniformFormat {
    if (!BITS.contains(bits) || !GROUPS.contains(group)) {
      throw new IllegalArgumentException(
          "bits must be one of %s and the group one of %s: %d and %d"
              .formatted(BITS, GROUPS, bits, group));
    }
    if (axis == Axis.VECTOR && (group != WHOLE || symmetric)) {
      throw new IllegalArgumentException(
          "a group over all heads is whole and asymmetric: group %d, symmetric %s"
              .formatted(group, symmetric));
    }
  }

  /** Asymmetric groups. */
  public static UniformFormat of(int bits, Axis axis, int group) {
    return new UniformFormat(bits, axis, group, false);
  }

  /** Every format of this family. */
  public static List<UniformFormat> all() {
    List<UniformFormat> all = new ArrayList<>();
    for (int bits : BITS) {
      for (boolean symmetric : new boolean[] {false, true}) {
        for (int group : GROUPS) {
          all.add(new UniformFormat(bits, Axis.TOKEN, group, symmetric));
          all.add(new UniformFormat(bits, Axis.CHANNEL, group, symmetric));
        }
      }
      all.add(of(bits, Axis.VECTOR, WHOLE));
    }
    return all;
  }

  @Override
  public int number() {
    int width = BITS.indexOf(bits);
    int size = GROUPS.indexOf(group);
    int shift = symmetric ? SYMMETRIC_NUMBERS : 0;
    return switch (axis) {
      case TOKEN -> TOKEN_NUMBERS + shift + width * GROUPS.size() + size;
      case CHANNEL -> CHANNEL_NUMBERS + shift + width * GROUPS.size() + size;
      case VECTOR -> VECTOR_NUMBERS + width;
    };
  }

  @Override
  public String name() {
    String along =
        switch (axis) {
          case TOKEN -> "token";
          case CHANNEL -> "channel";
          case VECTOR -> "vector";
        };
    return "int" + bits + "." + along + (group == WHOLE ? "" : group) + (symmetric ? ".sym" : "");
  }

  /** Elements that share a scale in a full block of {@code shape}. */
  public int groupSize(SectionShape shape) {
    if (group != WHOLE) {
      return group;
    }
    return switch (axis) {
      case TOKEN -> shape.dim();
      case CHANNEL -> shape.blockTokens();
      case VECTOR -> shape.channels();
    };
  }

  /** Bytes of the parameters of one group. */
  int parameterBytes() {
    return symmetric ? Short.BYTES : 2 * Short.BYTES;
  }

  /** {@code bits + 8 * parameter bytes / group}. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return bits + 8.0 * parameterBytes() / groupSize(shape);
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, codec(shape, backend), backend);
  }

  @Override
  public Optional<EncodedRows> rows(SectionShape shape, Backend backend) {
    return Optional.of(codec(shape, backend));
  }

  /** The part that works on floats. */
  public EncodedRows codec(SectionShape shape, Backend backend) {
    if (shape.dim() % (Byte.SIZE / bits) != 0) {
      throw new IllegalArgumentException(
          "%s: rows of %d elements do not fill whole bytes".formatted(name(), shape.dim()));
    }
    int along = axis == Axis.CHANNEL ? shape.blockTokens() : shape.dim();
    if (group != WHOLE && along % group != 0) {
      throw new IllegalArgumentException(
          "%s: a group of %d does not divide %d %s of %s: choose a group that does"
              .formatted(
                  name(),
                  group,
                  along,
                  axis == Axis.CHANNEL ? "tokens of a block" : "elements of a row",
                  shape.section()));
    }
    QuantizeKernel kernel = QuantizeKernel.of(backend);
    return switch (axis) {
      case TOKEN -> new TokenGroups(this, shape, kernel);
      case CHANNEL -> new ChannelGroups(this, shape, kernel);
      case VECTOR -> new VectorGroups(this, shape, kernel);
    };
  }
}
