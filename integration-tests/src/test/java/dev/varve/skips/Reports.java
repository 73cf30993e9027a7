package dev.varve.skips;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Reads what Surefire wrote about skipped tests. */
final class Reports {
  private static final Pattern ABORTED =
      Pattern.compile("^org\\.opentest4j\\.TestAbortedException: (Assumption failed: )?");

  private Reports() {}

  /** The skipped tests of every report in a folder. */
  static List<SkippedTest> skipped(Path folder)
      throws IOException, SAXException, ParserConfigurationException {
    List<SkippedTest> found = new ArrayList<>();
    for (Path report : reports(folder)) {
      NodeList cases =
          DocumentBuilderFactory.newDefaultInstance()
              .newDocumentBuilder()
              .parse(report.toFile())
              .getElementsByTagName("testcase");
      for (int i = 0; i < cases.getLength(); i++) {
        if (cases.item(i) instanceof Element test) {
          add(test, found);
        }
      }
    }
    return found;
  }

  private static List<Path> reports(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).matches("TEST-.*\\.xml"))
          .sorted()
          .toList();
    }
  }

  private static void add(Element test, List<SkippedTest> found) {
    if (test.getElementsByTagName("skipped").item(0) instanceof Element skipped) {
      String reason = skipped.getAttribute("message").strip();
      if (reason.isEmpty()) {
        reason = skipped.getTextContent().strip().lines().findFirst().orElse("");
      }
      reason = ABORTED.matcher(reason).replaceFirst("");
      found.add(new SkippedTest(test.getAttribute("classname"), test.getAttribute("name"), reason));
    }
  }
}
