package dev.varve.store.host;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Answers no look-up and remembers each. A child JVM installs it as a service provider. */
public final class LookUpRecorder extends InetAddressResolverProvider {

  static final List<String> ASKED = new CopyOnWriteArrayList<>();

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        ASKED.add(host);
        throw new UnknownHostException(host);
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        ASKED.add("an address");
        throw new UnknownHostException("an address");
      }
    };
  }

  @Override
  public String name() {
    return "records look-ups";
  }
}
