#!/usr/bin/env bash
# Everything that a GPU machine can say about Varve, in one go and at most ten minutes: run.sh OUTPUT_FOLDER
# A step that fails stops no other. Ends with 0 if all went well, 1 if a step failed, 2 if it was called wrongly or nothing was
# packed, 3 if there is no GPU.
set -uo pipefail
[ $# -eq 1 ] || { echo "name a folder for the results: $0 OUTPUT_FOLDER" >&2; exit 2; }
out="$1"
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
pack="$root/.gpu/gpu.tar.gz"
[ -f "$pack" ] || { echo "nothing is packed: run integration-tests/gpu/pack.sh where there is a JDK" >&2; exit 2; }
mkdir -p "$out" || { echo "the folder for the results cannot be made: $out" >&2; exit 2; }
out="$(cd "$out" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tmp"
deadline="${VARVE_GPU_SECONDS:-570}"
bad=0
: > "$out/summary.txt"

say() { echo "$*" | tee -a "$out/summary.txt"; }

# step NAME SECONDS COMMAND...: never beyond the deadline of the whole.
step() {
  local name="$1" limit="$2" begin=$SECONDS code=0
  shift 2
  [ "$limit" -le $((deadline - SECONDS)) ] || limit=$((deadline - SECONDS))
  if [ "$limit" -lt 5 ]; then
    say "$name: left out, the $deadline s are over"
    bad=1
    return 1
  fi
  timeout -k 5 "$limit" "$@" > "$out/$name.txt" 2>&1 || code=$?
  say "$name: exit code $code after $((SECONDS - begin)) s"
  [ "$code" -eq 0 ] || bad=1
  return "$code"
}

tar -C "$work" -xzf "$pack" || { echo "the pack cannot be unpacked: pack again: $pack" >&2; exit 2; }
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

# A small run of every kernel, which says first of all whether there is a GPU.
probe=0
"${java[@]}" dev.varve.cli.Main bench gpu --tokens 1024 --batch 1 --repeats 5 > "$out/probe.txt" 2>&1 || probe=$?
if grep -q 'No GPU can be used' "$out/probe.txt"; then
  say "$(grep -o 'No GPU can be used.*' "$out/probe.txt") Nothing was run."
  exit 3
fi
say "probe: exit code $probe after $SECONDS s"
[ "$probe" -eq 0 ] || bad=1

step machine 30 bash -c 'date -u; nvidia-smi; nvcc --version | tail -2; python3 -c "import torch; print(torch.__version__)"'
step suite 180 "${java[@]}" org.junit.platform.console.ConsoleLauncher execute \
  --include-tag gpu --include-classname '.*[.]Gpu[^.]*Test' --select-package dev.varve --details tree --disable-banner
step peers 90 bash -c "python3 '$here/peers.py' > '$work/peers.tsv' && cat '$work/peers.tsv'"
step launch 60 bash -c "cd '$work' && nvcc -O2 '$here/launch.cu' -o launch && ./launch"
grep -h $'\t' "$work/peers.tsv" "$out/launch.txt" > "$out/peers.tsv" 2> /dev/null
if step bench 90 "${java[@]}" dev.varve.cli.Main bench gpu --peers "$out/peers.tsv"; then
  {
    echo "Taken $(date -u +%F) on $(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2> /dev/null | head -1)"
    echo "by \`integration-tests/gpu/run.sh\`: \`varve bench gpu --peers peers.tsv\`."
    echo
    echo '```'
    cat "$out/bench.txt"
    echo '```'
  } > "$out/gpu.md"
fi
step bench-again 90 "${java[@]}" dev.varve.cli.Main bench gpu --peers "$out/peers.tsv" --format json
step sanitizer 120 bash -c "cd '$work' && nvcc -std=c++17 -O1 -lineinfo -arch=native \
  -I '$root/kv-store/src/main/resources/dev/varve/store/cuda' '$here/sanitize.cu' -o sanitize && ./sanitize \
  && compute-sanitizer --tool memcheck --error-exitcode 9 ./sanitize \
  && compute-sanitizer --tool racecheck --error-exitcode 9 ./sanitize"
step peers-again 90 python3 "$here/peers.py"
exit "$bad"
