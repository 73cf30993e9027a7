package dev.varve.store.cuda;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CudaErrorTest {

  @Test
  void passesSuccess() {
    assertThatCode(() -> CudaError.check(0, "a call")).doesNotThrowAnyException();
  }

  @Test
  void namesTheCallAndTheCode() {
    assertThatThrownBy(() -> CudaError.check(222, "loading kernels"))
        .isInstanceOf(CudaException.class)
        .isNotInstanceOf(LostDeviceException.class)
        .hasMessage("loading kernels failed: 222 (PTX newer than the driver)");
  }

  @Test
  void namesACodeThatItDoesNotKnow() {
    assertThatThrownBy(() -> CudaError.check(4242, "a call"))
        .hasMessage("a call failed: 4242 (see CUresult in cuda.h)");
  }

  @Test
  void knowsErrorsThatNoCallComesBackFrom() {
    assertThatThrownBy(() -> CudaError.check(719, "a copy"))
        .isInstanceOf(LostDeviceException.class);
  }
}
