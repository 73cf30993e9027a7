#!/usr/bin/env bash
# Packs a Java runtime, the built classes and their libraries into .gpu/gpu.tar.gz. Needs a JDK 25 and what `mvn package` leaves.
set -euo pipefail
cd "$(dirname "$0")/../.."
java_home="${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/lib" "$stage/nat" .gpu

mvn -B -q -DskipTests -pl integration-tests -am test-compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies \
  -DincludeScope=test -DexcludeGroupIds=dev.varve -DoutputDirectory="$stage/lib"
# Libraries that no GPU test and no bench of one needs, and natives that are unpacked here.
for name in jlama llama-4 guava lincheck kotlin byte-buddy playwright driver- redis netty-transport-native jmh zstd-jni \
  jna-platform prometheus micrometer lettuce reactor jeromq Java-WebSocket google-java-format; do
  rm -f "$stage"/lib/*"$name"*
done
for natives in "$stage"/lib/jcuda-natives-*.jar; do
  unzip -q -o -j "$natives" 'lib/libJCudaDriver*' -d "$stage/nat"
  rm "$natives"
done
if ! ls "$stage"/lib/junit-platform-console-standalone*.jar > /dev/null 2>&1; then
  mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
    -Dartifact=org.junit.platform:junit-platform-console-standalone:1.14.4 -DoutputDirectory="$stage/lib"
fi
for module in kv-store compression eviction retrieval-attention offload sdk/core sdk/engine sdk/llamacpp sdk/client sdk/sidecar sdk/cli; do
  kinds=classes
  if grep -rqs '@Tag("gpu")' "$module/src/test" || [ "$module" = sdk/cli ]; then
    kinds="classes test-classes"
  fi
  for kind in $kinds; do
    if [ -d "$module/target/$kind" ]; then
      mkdir -p "$stage/$module/$kind"
      cp -r "$module/target/$kind/." "$stage/$module/$kind/"
    fi
  done
done
"$java_home/bin/jlink" --output "$stage/rt" --compress=zip-0 --no-header-files --no-man-pages \
  --strip-java-debug-attributes --exclude-files='**/ct.sym,**/src.zip' --add-modules \
java.base,java.logging,java.management,java.xml,java.naming,java.sql,jdk.unsupported,jdk.incubator.vector,jdk.compiler,jdk.management,jdk.jfr,jdk.zipfs
tar -C "$stage" -c . | gzip -9 > .gpu/gpu.tar.gz
size=$(stat -c %s .gpu/gpu.tar.gz)
echo ".gpu/gpu.tar.gz has $size bytes"
if [ "$size" -gt $((64 << 20)) ]; then
  echo "that is more than the 64 MiB that may travel: leave out more libraries above" >&2
  exit 1
fi
