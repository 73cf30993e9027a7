package dev.varve.store.object;

import java.util.List;

/**
 * Some names of a tenant's objects.
 *
 * @param names in no order that means anything to a caller
 * @param cursor where to go on, as an unsigned number; 0 if these were the last
 */
public record ObjectPage(List<byte[]> names, long cursor) {

  public ObjectPage {
    names = List.copyOf(names);
  }
}
