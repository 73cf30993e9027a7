package dev.varve.sidecar.http;

import dev.varve.sidecar.status.CodecState;
import dev.varve.sidecar.status.ObjectState;
import dev.varve.sidecar.status.StoreState;
import dev.varve.sidecar.status.StoreView;
import dev.varve.sidecar.status.TenantState;
import dev.varve.sidecar.status.TierState;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A store of two tiers that looks as a test says. */
final class TestStore implements StoreView {

  final AtomicLong hostBytes = new AtomicLong(100);
  volatile @Nullable String failure;
  volatile int tenants = 1;

  @Override
  public StoreState look() {
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    List<TenantState> held =
        java.util.stream.IntStream.range(0, tenants)
            .mapToObj(i -> new TenantState("tenant" + i, "values", "host", 10, 128))
            .toList();
    return new StoreState(
        List.of(
            new TierState(
                "host",
                "values",
                hostBytes.get(),
                1000,
                3,
                384,
                7,
                70,
                5,
                2,
                new CodecState("lossless", 300, 200, 1, 0)),
            new TierState(
                "ssd",
                "org/model",
                500,
                9000,
                4,
                512,
                8,
                80,
                6,
                0,
                new CodecState("int8", 400, 100, 0, 0.004))),
        new ObjectState(4, 90, 12, 1, 2, 3, 5, 6),
        held,
        11,
        13,
        4096,
        2048,
        17);
  }

  @Override
  public long deleteAll() {
    return hostBytes.getAndSet(0);
  }
}
