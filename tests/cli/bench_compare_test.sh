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

half='\0\0\0\0\0\0\340\77' # 0.5 as a double
more='\0\0\0\0\0\0\344\77' # 0.625
# stand_in NAME SECONDS ANSWERS [AUC [BYTES]]: a worker that is done at once and says it took so long
stand_in() {
  cat >"$build/$1" <<WORKER
#!/usr/bin/env bash
printf '%s\n' "\$*" >>'$work/$1.calls'
for setting in "\${@:2}"; do
  case \$setting in
    folder=*) mkdir -p -- "\${setting#*=}" ;;
    save=* | xgboost=* | layers=*) : >"\${setting#*=}" ;;
    answers=*) printf '$3' | tee "\${setting#*=}.sum.f64" >"\${setting#*=}.answer.f64" ;;
  esac
done
[[ \$1 != shap || ! -e '$work/slow' ]] || sleep 20
case \$1 in
  sets) echo '{"sets": "portable sse2"}' ;;
  export) for setting in "\$@"; do
      [[ \$setting != nested_if=* ]] || printf 'double nested_if(const double* x) { return x[0]; }\n' >"\${setting#*=}0.c"
    done
    echo '{"files": 1}' ;;
  batch) echo 'the disk is full' >&2; exit 1 ;;
  *) echo '{"seconds": $2, "auc": ${4-0.9}, "log_loss": 0.25, "l2_cold_seconds": 1e-6, "bytes_per_cell": ${5-1.5}}' ;;
esac
WORKER
  chmod +x "$build/$1"
}
stand_in bench_ours 5e-7 "$half$half"
stand_in bench_xgboost 1e-5 "$half$half"
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
says 'a target that is met' 'train 200 trees, depth 6, level-wise' d1 '500 ns' XGBoost '10 us' 1/20 '1/12, same AUC' met '0.9000 0.9000'
says 'memory within its target' 'memory to train 200 trees' d1 '1.5 B/cell' '<= 2 B/cell' met
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
assert line["ours_value"] == 5e-7 and line["rounds"] == 8 and abs(line["ratio"] - 0.05) < 1e-12, line
page = (out / "index.html").read_text()
html.parser.HTMLParser().feed(page)
assert "http" not in page and "the disk is full" in page
text = (out / "results.txt").read_text()
assert "1/20" in text and "Not measured: " in text and "20,000 rows, 16,000 to learn from" in text, text
CHECK
[[ ! -e out/scratch ]] || fail 'the scratch folder is left behind'

stand_in bench_xgboost 1e-5 "$half$more"
expect 'another answer is no race' 1 'boosting, d1: 1 of 2 answers of XGBoost are not ours; the largest difference is 0.125' \
  run --only 'one row, boosting, d1'
stand_in bench_xgboost 1e-5 ''
expect 'no answers are no agreement' 1 'one row, boosting, d1: no answers of ours and XGBoost to compare' \
  run --only 'one row, boosting, d1'

# A model that is worse, or better, is another model: on every dataset, whether the line has a target of time or not.
stand_in bench_xgboost 1e-5 "$half" 0.7
run --only 'train boosting, d' >table.txt 2>/dev/null
says 'a peer that is worse' 'train 200 trees, depth 6, level-wise' d1 1/20 'missed: AUC' '0.9000 0.7000'
says 'the same, dense' 'train 200 trees, depth 6, level-wise' d2 'missed: AUC'
stand_in bench_ours 5e-7 "$half" 0.7 2.5
stand_in bench_xgboost 1e-5 "$half" 0.9
mkdir logs
stand_in switchyard 0 ''
run --real logs --only 'train boosting, d3' >table.txt 2>errors.txt
says 'ours is worse' 'train 200 trees, depth 6, level-wise' d3 'missed: AUC' '0.7000 0.9000'
says 'too much memory' 'memory to train 200 trees' d3 'missed: memory'
(($(lines d3 met | wc -l) == 0)) || fail "something is met: $(<table.txt)"
run --keep --only 'train boosting, d1' >table.txt 2>/dev/null
says 'what the last run measured stays' 'train 200 trees, depth 6, level-wise' d1 'missed: AUC'
run --real logs --keep --only 'decision, d1' >table.txt 2>/dev/null
says 'and stays again' 'train 200 trees, depth 6, level-wise' d1 'missed: AUC'
stand_in bench_ours 5e-7 "$half"

stand_in bench_xgboost 1e-6 "$half"
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
