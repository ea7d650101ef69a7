#!/usr/bin/env bash
# run.sh README SWITCHYARD COMPILER INCLUDES: compiles the README's C++ (folders in INCLUDES are separated by ;) and runs
# it beside a small simulated dataset.csv. It must print an accuracy and leave a model.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readme=$1 switchyard=$2 compiler=$3
IFS=';' read -r -a folders <<<"$4"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"

sh "$here/extract.sh" "$readme" example.cpp
"$compiler" -std=c++20 -O0 "${folders[@]/#/-I}" example.cpp -o example -pthread
"$switchyard" simulate --out logs --scale 0.02 >/dev/null
"$switchyard" preprocess logs --out dataset.csv >/dev/null
accuracy=$(./example)
[[ $accuracy =~ ^0\.[0-9]+$ ]] || { printf 'the example printed %s; expected an accuracy\n' "$accuracy"; exit 1; }
[[ -s model.json ]] || { echo 'the example left no model.json'; exit 1; }
