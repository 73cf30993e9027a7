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
# Libraries of tests that no GPU test needs, and natives that are unpacked here.
for name in jlama llama-4 guava lincheck kotlin byte-buddy playwright redis netty-transport-native jmh; do
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
  for kind in classes test-classes; do
    if [ -d "$module/target/$kind" ]; then
      mkdir -p "$stage/$module/$kind"
      cp -r "$module/target/$kind/." "$stage/$module/$kind/"
    fi
  done
done
"$java_home/bin/jlink" --output "$stage/rt" --compress=zip-0 --no-header-files --no-man-pages \
  --strip-java-debug-attributes --exclude-files='**/ct.sym,**/src.zip' --add-modules \
java.base,java.logging,java.management,java.xml,java.naming,java.sql,jdk.unsupported,jdk.incubator.vector,jdk.compiler,jdk.management,jdk.jfr,jdk.zipfs
tar -C "$stage" -czf .gpu/gpu.tar.gz .
ls -l .gpu/gpu.tar.gz
