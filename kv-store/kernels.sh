#!/usr/bin/env bash
# Makes the PTX of the CUDA kernels and the list of hashes beside it. Needs nvcc of CUDA 12.0 or later and no GPU:
#   kv-store/kernels.sh            in place
#   kv-store/kernels.sh FOLDER     into another folder, to compare
set -euo pipefail
sources="$(cd "$(dirname "$0")" && pwd)/src/main/resources/dev/varve/store/cuda"
target="${1:-$sources}"
cd "$sources"
for file in *.cu; do
  ptx="$target/${file%.cu}.sm80.ptx"
  nvcc -std=c++17 -O3 -ptx -arch=compute_80 "$file" -o "$ptx.full"
  # Drivers from branch 525 on read version 8.0; comments only say which compiler it was.
  sed -e 's/^\.version .*/.version 8.0/' -e 's,//.*,,' -e 's/[[:space:]]*$//' -e '/^$/d' "$ptx.full" > "$ptx"
  rm "$ptx.full"
done
{
  nvcc --version | sed -n 's/^Cuda compilation tools, /# nvcc, /p'
  LC_ALL=C sha256sum -- *.cu *.cuh
} > "$target/kernels.sha256"
