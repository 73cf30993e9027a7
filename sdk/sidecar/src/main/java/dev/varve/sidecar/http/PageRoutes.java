package dev.varve.sidecar.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The page: a few small files that are part of the program. */
final class PageRoutes {

  /** Nothing comes from elsewhere, nothing stands in the page itself, nobody frames it. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, String> TYPES =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "page.css", "text/css; charset=utf-8",
          "page.js", "text/javascript; charset=utf-8",
          "charts.js", "text/javascript; charset=utf-8",
          "icon.svg", "image/svg+xml");

  private PageRoutes() {}

  static Map<String, Endpoint> endpoints() {
    Map<String, Endpoint> all = new LinkedHashMap<>();
    TYPES.forEach((file, type) -> {
      HttpReply reply =
          new HttpReply(200, type, read(file), Map.of("Content-Security-Policy", POLICY));
      all.put(file.equals("index.html") ? "/" : "/" + file, Endpoint.get(_ -> reply));
    });
    return all;
  }

  private static HttpReply.Body read(String file) {
    try (InputStream in = PageRoutes.class.getResourceAsStream("page/" + file)) {
      if (in == null) {
        throw new IllegalStateException("the page's file " + file + " is not in the program");
      }
      return new HttpReply.Body(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
