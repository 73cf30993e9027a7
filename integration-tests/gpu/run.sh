#!/usr/bin/env bash
# Everything that a GPU machine can say about Varve, in one go: run.sh OUTPUT_FOLDER. A step that fails stops no other.
set -uo pipefail
out="${1:?name a folder for the results}"
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/tmp"

step() {
  local name="$1" limit="$2" begin=$SECONDS code=0
  shift 2
  timeout "$limit" "$@" > "$out/$name.txt" 2>&1 || code=$?
  echo "$name: exit code $code after $((SECONDS - begin)) s" | tee -a "$out/summary.txt"
}

step machine 30 bash -c 'date -u; nvidia-smi; nvcc --version | tail -2; python3 -c "import torch; print(torch.__version__)"'
tar -C "$work" -xzf "$root/.gpu/gpu.tar.gz"
for folder in /usr/local/nvidia/lib64 /usr/lib/x86_64-linux-gnu /usr/local/cuda/compat; do
  if [ -e "$folder/libcuda.so.1" ]; then
    export LD_LIBRARY_PATH="$folder:${LD_LIBRARY_PATH:-}"
    break
  fi
done

path="$work/lib/*"
for classes in "$work"/*/classes "$work"/*/test-classes "$work"/sdk/*/classes "$work"/sdk/*/test-classes; do
  [ -d "$classes" ] && path="$classes:$path"
done
java=("$work/rt/bin/java" -Xmx16g --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED
  --sun-misc-unsafe-memory-access=allow --add-opens=java.base/java.lang=ALL-UNNAMED
  --add-opens=java.base/java.lang.reflect=ALL-UNNAMED --add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED
  -Djava.library.path="$work/nat" -Djava.io.tmpdir="$work/tmp" -Dchronicle.analytics.disable=true
  "-Dvarve.root=$root" -cp "$path")

step suite 180 "${java[@]}" org.junit.platform.console.ConsoleLauncher execute \
  --include-tag gpu --include-classname '.*[.]Gpu[^.]*Test' --select-package dev.varve --details tree --disable-banner
step sanitizer 120 bash -c "cd '$work' && nvcc -std=c++17 -O1 -lineinfo -arch=native \
  -I '$root/kv-store/src/main/resources/dev/varve/store/cuda' '$here/sanitize.cu' -o sanitize && ./sanitize \
  && compute-sanitizer --tool memcheck --error-exitcode 9 ./sanitize \
  && compute-sanitizer --tool racecheck --error-exitcode 9 ./sanitize"
step launch 60 bash -c "cd '$work' && nvcc -O2 '$here/launch.cu' -o launch && ./launch"
step peers 120 bash -c "python3 '$here/peers.py' > '$work/peers.tsv'; cat '$work/peers.tsv'"
grep -h $'\t' "$work/peers.tsv" "$out/launch.txt" > "$out/peers.tsv" 2> /dev/null
step bench 120 "${java[@]}" dev.varve.cli.Main bench gpu --peers "$out/peers.tsv"
step bench-again 120 "${java[@]}" dev.varve.cli.Main bench gpu --peers "$out/peers.tsv" --format json
step peers-again 120 python3 "$here/peers.py"
cat "$out/summary.txt"
