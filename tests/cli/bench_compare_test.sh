#!/usr/bin/env bash
# usage: bench_compare_test.sh SWITCHYARD. The driver of the benchmarks with stand-ins for all that it measures: what the
# table says of the met, the missed, the missing and the broken.
set -uo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
. "$here/check.bash"
command -v python3 >/dev/null || exit 77
compare=$here/../../bench/compare.py
build="$work/a build"
mkdir "$build"

# stand_in NAME SECONDS ANSWER: a worker that is done at once and says it took so long
stand_in() {
  cat >"$build/$1" <<WORKER
#!/usr/bin/env bash
printf '%s\n' "\$*" >>'$work/$1.calls'
for setting in "\${@:2}"; do
  case \$setting in folder=*) mkdir -p -- "\${setting#*=}" ;; save=* | xgboost=* | layers=*) : >"\${setting#*=}" ;; esac
done
[[ \$1 != shap || ! -e '$work/slow' ]] || sleep 20
case \$1 in
  sets) echo '{"sets": "portable sse2"}' ;;
  export) for setting in "\$@"; do
      [[ \$setting != nested_if=* ]] || printf 'double nested_if(const double* x) { return x[0]; }\n' >"\${setting#*=}0.c"
    done
    echo '{"files": 1}' ;;
  batch) echo 'the disk is full' >&2; exit 1 ;;
  *) echo '{"seconds": $2, "auc": 0.9, "log_loss": 0.25, "answer": $3, "sum": $3, "l2_cold_seconds": 1e-6}' ;;
esac
WORKER
  chmod +x "$build/$1"
}
stand_in bench_ours 5e-7 0.5
stand_in bench_xgboost 1e-5 0.5
run() { python3 "$compare" --build "$build" --out "$work/out" --quick --no-sweep --python "$work/no python" "$@"; }
# line TEXT: the lines of the last table that have all the given texts
lines() {
  local found text
  found=$(<table.txt)
  for text in "$@"; do found=$(grep -F -- "$text" <<<"$found"); done
  printf '%s' "$found"
}
# says NAME TEXT...: a line has them all
says() {
  local name=$1
  shift
  [[ -n $(lines "$@") ]] || fail "$name: no line with '$*' in:"$'\n'"$(<table.txt)"
}

run --only 'train|one row, boosting, d1|batch, d1' >table.txt 2>errors.txt || fail "exit code $?: $(<errors.txt)"
says 'a target that is met' 'train 200 trees, depth 6, level-wise' d1 '500 ns' XGBoost '10 us' 1/20 1/12 met '0.9000 0.9000'
says 'a target of another instruction set' 'one row, 200 trees, depth 6 ' d1 XGBoost 1/20 1/16 met
says 'a peer that is not there' 'LightGBM' 'not found'
says 'a peer that is not built' 'nested-if C' 'not found'
says 'a worker that fails' 'batch prediction' 'failed: the disk is full'
says 'how much slower in the cold' 'L1 and L2 cold' '1 us' ours 2.00 6 met
[[ $(grep -c '^fit .*kind=boosting' bench_ours.calls) -ge 3 ]] || fail 'the models were not fitted'
grep -q 'd3, the real dataset, is skipped' errors.txt || fail "nothing said of d3: $(<errors.txt)"
python3 - "$work/out" <<'CHECK' || fail 'results.json or index.html'
import html.parser, json, pathlib, sys
out = pathlib.Path(sys.argv[1])
results = json.loads((out / "results.json").read_text())
assert results["complete"] and not results["disagreements"], results["disagreements"]
line = next(each for each in results["table"] if each["verdict"] == "met" and each["peer"] == "XGBoost")
assert line["ours_seconds"] == 5e-7 and abs(line["ratio"] - 0.05) < 1e-12, line
page = (out / "index.html").read_text()
html.parser.HTMLParser().feed(page)
assert "http" not in page and "the disk is full" in page
CHECK
[[ ! -e out/scratch ]] || fail 'the scratch folder is left behind'

stand_in bench_xgboost 1e-5 0.7
expect 'another answer is no race' 1 'DISAGREEMENT: one row, boosting, d1: ours answers 0.5, XGBoost 0.7' \
  run --only 'one row, boosting, d1'
stand_in bench_xgboost 1e-6 0.5
run --only 'one row, boosting, d1' >table.txt 2>/dev/null
says 'slower than asked' 'one row, 200 trees, depth 6 ' XGBoost 1/2.0 1/16 'missed: ratio'
LC_ALL=de_DE.UTF-8 run --rounds 2 --only 'train boosting, d2' >table.txt 2>/dev/null || fail 'a German locale'
says 'a point is a point everywhere' 1/2.0 1/1.5 met

expect 'no such contest' 1 'compare.py: --only nothing like it: matches no contest' run --only 'nothing like it'
expect 'no such logs' 1 'no such folder' run --real "$work/none"
expect 'no rounds' 2 'invalid positive value' run --rounds 0
expect 'nothing built' 1 'compare.py: ' python3 "$compare" --build "$work/empty" --out "$work/out"
expect 'the contests by name' 0 'one row, boosting, d1: ours, XGBoost' run --list

touch slow
timeout --preserve-status -s INT 8 python3 "$compare" --build "$build" --out "$work/out" --quick --no-sweep \
  --python "$work/no python" --only 'train boosting, d1|SHAP, d1' >table.txt 2>errors.txt
[[ $? == 130 ]] || fail "an interrupted run: $(<errors.txt)"
says 'what was measured before is kept' 'train 200 trees' XGBoost
says 'the rest is not' 'TreeSHAP' 'not measured'

((failures == 0)) && echo 'bench: all as expected'
exit $((failures > 0))
