package dev.varve.store.cuda;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;

/**
 * Quantizing on the device, the same bits as on the processor: integers of 8 and 4 bits in groups
 * with scales and zeros in binary16, 8-bit floats (E4M3), and GEAR's low-rank correction. All
 * addresses are of the device. For the thread of its {@link CudaKernels}.
 */
public final class CudaQuantizer {
  private static final int MOST_GROUPS = 512;
  private static final int THREADS = 128;

  private final CudaKernels kernels;

  /** Codes by these kernels. */
  public CudaQuantizer(CudaKernels kernels) {
    this.kernels = kernels;
  }

  /**
   * How a row becomes codes.
   *
   * @param columns elements of a row
   * @param group elements that share a scale; divides the row
   * @param bits of a code, 8 or 4; rows of 4-bit codes are planar
   * @param symmetric no zero is stored: the codes lie around 0
   */
  public record RowCodes(int columns, int group, int bits, boolean symmetric) {
    public RowCodes {
      Checks.positive(columns, "columns");
      Checks.positive(group, "group");
      if (bits != 8 && bits != 4) {
        throw new IllegalArgumentException("codes have 8 or 4 bits: " + bits);
      }
      if (columns % group != 0 || columns / group > MOST_GROUPS || columns % 2 != 0) {
        throw new IllegalArgumentException(
            "a row of %d has no groups of %d, or more than %d"
                .formatted(columns, group, MOST_GROUPS));
      }
    }

    /** Bytes of the codes of a row. */
    public int rowBytes() {
      return columns * bits / Byte.SIZE;
    }

    /** Scales, and zeros where they are stored, of a row. */
    public int parameters() {
      return columns / group * (symmetric ? 1 : 2);
    }
  }

  /**
   * Quantizes rows.
   *
   * @param source {@code [rows][columns]} of {@code dtype}, finite
   * @param codes {@code [rows][rowBytes]}, written
   * @param parameters binary16 {@code [rows][parameters]}, written: the scale of each group, and
   *     behind it its zero where codes are asymmetric; infinite where binary16 cannot hold a group
   */
  public void quantize(
      RowCodes form,
      Dtype dtype,
      long source,
      int rows,
      long codes,
      long parameters,
      CudaStream stream) {
    kernels
        .arguments()
        .with(source)
        .with(codes)
        .with(parameters)
        .with(form.columns())
        .with(form.group())
        .with(form.bits())
        .with(form.symmetric() ? 1 : 0);
    String kernel = "quantize_rows_" + CudaKernels.suffix(dtype);
    kernels.launch(KernelFile.QUANTIZE, kernel, LaunchGrid.of(rows, 1, THREADS), stream);
  }

  /** The reverse of {@link #quantize}, to {@code f32 [rows][columns]}. */
  public void dequantize(
      RowCodes form, long codes, long parameters, int rows, long target, CudaStream stream) {
    kernels
        .arguments()
        .with(codes)
        .with(parameters)
        .with(target)
        .with(form.columns())
        .with(form.group())
        .with(form.bits())
        .with(form.symmetric() ? 1 : 0);
    LaunchGrid grid = LaunchGrid.of(rows, 1, THREADS);
    kernels.launch(KernelFile.QUANTIZE, "dequantize_rows", grid, stream);
  }

  /** Writes the nearest E4M3 of {@code count} floats. */
  public void encodeFloat8(long source, long count, long codes, CudaStream stream) {
    kernels.arguments().with(source).with(codes).with(count);
    LaunchGrid grid = LaunchGrid.of(CudaKernels.blocks(count, 256), 1, 256);
    kernels.launch(KernelFile.QUANTIZE, "encode_e4m3", grid, stream);
  }

  /** Writes the floats that {@code count} E4M3 codes stand for. */
  public void decodeFloat8(long codes, long count, long target, CudaStream stream) {
    kernels.arguments().with(codes).with(target).with(count);
    LaunchGrid grid = LaunchGrid.of(CudaKernels.blocks(count, 256), 1, 256);
    kernels.launch(KernelFile.QUANTIZE, "decode_e4m3", grid, stream);
  }

  /**
   * Adds the product of two panels to {@code values}.
   *
   * @param tokenFactors binary16 {@code [tokens][rank]}
   * @param channelFactors binary16 {@code [dim][rank]}
   * @param values {@code f32 [tokens][dim]}, read and written
   */
  public void addLowRank(
      long tokenFactors,
      long channelFactors,
      int tokens,
      int dim,
      int rank,
      long values,
      CudaStream stream) {
    kernels.arguments().with(tokenFactors).with(channelFactors).with(values).with(dim).with(rank);
    LaunchGrid grid = LaunchGrid.of(tokens, 1, THREADS);
    kernels.launch(KernelFile.QUANTIZE, "add_low_rank", grid, stream);
  }
}
