#!/usr/bin/env bash
# usage: test.sh LATENCY_GUARD MODEL. What the guard answers; no limit that a slow machine could miss.
set -uo pipefail

guard=$1 model=$2
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failures=0

# expect NAME CODE PATTERN ARGS...
expect() {
  local name=$1 code=$2 pattern=$3 output found
  shift 3
  output=$("$guard" "$@" 2>&1 </dev/null)
  found=$?
  [[ $found == "$code" && $output == *"$pattern"* ]] && return
  printf 'FAILED %s: exit code %s (expected %s with "%s"), printed: %s\n' "$name" "$found" "$code" "$pattern" "$output"
  failures=$((failures + 1))
}

mkdir "$work/a folder"
cp -- "$model" "$work/a folder/model.json"
expect 'an hour is enough' 0 '1000 decisions: p50 ' "$work/a folder/model.json" 3.6e9 1000
expect 'no decision takes no time' 99 'TOO SLOW' "$work/a folder/model.json" 1e-9 1000
LC_ALL=de_DE.UTF-8 expect 'a point is a point everywhere' 99 'limit 0.0005 us' "$work/a folder/model.json" 0.0005 1000
expect 'no model' 1 'none.json' "$work/none.json" 100
printf '{}' >"$work/damaged.json"
expect 'a damaged model' 1 'latency_guard: ' "$work/damaged.json" 100
expect 'no limit' 2 'usage: ' "$model"
expect 'a limit of nothing' 2 'usage: ' "$model" 0
expect 'words for a limit' 2 'usage: ' "$model" fast
expect 'too few calls' 2 'usage: ' "$model" 100 5
((failures == 0)) && echo 'latency guard: all as expected'
exit $((failures > 0))
