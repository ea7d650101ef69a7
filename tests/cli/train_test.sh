#!/usr/bin/env bash
# usage: train_test.sh SWITCHYARD. What `switchyard train` learns from, refuses and survives.
set -uo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
source "$here/check.bash"
train() { "$switchyard" train "$@" --out models --mlp-epochs 3 --bootstrap 20; }

measurements 400 >logs.jsonl
"$switchyard" preprocess logs.jsonl --out good.csv >/dev/null || fail 'preprocess'
cut -d, -f1-17 good.csv >plain.csv # features and labels alone
row=0,0.5,2,0,1,0,128,0.25,0.4,0,1,0,0,0,1,1,1

# Ways to give the same rows: the same model, to the last byte.
expect 'good rows' 0 'wrote models/model.json, feature_columns.json, model_metadata.json and report.html' train good.csv --threads 1
cp models/model.json good.json
for file in feature_columns.json model_metadata.json report.html; do [[ -s models/$file ]] || fail "no $file"; done
train good.csv --threads 2 >/dev/null && same 'two threads' good.json models/model.json
mkdir 'a folder' && cp good.summary.json 'a folder/the rows.summary.json'
sed 's/$/\r/; 1s/^/\xef\xbb\xbf/; s/,lightweight_api,/,"lightweight_api",/' good.csv >'a folder/the rows.csv'
train 'a folder/the rows.csv' >/dev/null && same 'CRLF, quotes, byte order mark and blanks' good.json models/model.json
cp good.csv "$(printf 'caf\xe9.csv')" && expect 'a name that is no UTF-8' 0 'wrote models/' train "$(printf 'caf\xe9.csv')"
if has_german_locale; then
  LC_ALL=de_DE.UTF-8 train good.csv >/dev/null && same 'a locale with decimal commas' good.json models/model.json
else
  echo 'skipped: there is no locale de_DE.UTF-8 here'
fi
for seed in 7 8; do
  train good.csv --split stratified --seed $seed >/dev/null && cp models/model.json "$seed.json"
done
cmp -s 7.json 8.json && fail 'another seed, the same model'
train good.csv 2>message | head -1 >/dev/null
codes=("${PIPESTATUS[@]}")
[[ ${codes[0]} == 0 && ! -s message ]] || fail "head: ${codes[0]} $(cat message)"
same 'the model that head did not see' good.json models/model.json

# Ways to split.
expect 'stratified' 0 'Split: stratified' train good.csv --split stratified
expect 'leave one run out' 0 'summed over 2 fits' train good.csv --split leave-one-run-out
expect 'repeats' 0 'Test accuracy over 2 seeds' train good.csv --repeat 2
expect 'acceptance' 99 'FAIL' train good.csv --require-acceptance
expect 'another target' 0 'wrote models/' train good.csv --target cost_optimal
awk -F, 'NR == 1 || /early_morning/' good.csv >run.csv
expect 'one run' 3 'run.csv: only one run' train run.csv --split leave-one-run-out
expect 'no times' 3 'plain.csv: no column sent_at, by which to split; try --split stratified' train plain.csv
expect 'no runs' 3 'plain.csv: no column run' train plain.csv --split leave-one-run-out
expect 'neither needed' 0 'wrote models/' train plain.csv --split stratified

# Live features, objectives, and runs in their order.
expect 'live features that are not there' 3 'good.csv: no live_* columns; make them by preprocess --features all' train good.csv --features all
expect 'live features alone that are not there' 3 'good.csv: no live_* columns' train good.csv --features live
expect 'the columns that are there' 0 'good.csv: 400 labelled rows, 14 features' train good.csv --features requirements
"$switchyard" preprocess logs.jsonl --features all --out live.csv >/dev/null || fail 'preprocess --features all'
learned() { # learned NAME FEATURES PATTERN ARGS...: how many columns the model has, and one of its models
  expect "$1" 0 ", $2 features," train live.csv "${@:4}"
  [[ $(grep -o '"' models/feature_columns.json | wc -l) == $((2 * $2)) ]] || fail "$1: $(cat models/feature_columns.json)"
  grep -q "$3" models/model_metadata.json || fail "$1: no $3"
}
learned 'all a dataset has' 43 hand_rule
cp models/model.json live.json
learned 'all, asked for' 43 boosting_live --features all --threads 1
same 'all, asked for, by one thread' live.json models/model.json
learned 'live state alone' 31 paired_regression --features live
learned 'requirements of a live dataset' 14 random_forest --features requirements
grep -q hand_rule models/model_metadata.json && fail 'a hand rule without live features'
for objective in latency cost; do
  expect "objective $objective" 0 'wrote models/' train live.csv --objective $objective
  expect "objective $objective by its column" 0 'wrote models/' train live.csv --target ${objective}_optimal
done
expect 'an objective whose column is not there' 3 'missing column latency_optimal' train <(cut -d, -f1-43,46 live.csv) --objective latency
expect 'forward chaining' 0 'Split: forward-chaining' train live.csv --split forward-chaining
expect 'live state, one run left out' 0 'Split: leave-one-run-out' train live.csv --split leave-one-run-out
expect 'forward chaining through one run' 3 'only one run' train run.csv --split forward-chaining
expect 'forward chaining without runs' 3 'no column run' train plain.csv --split forward-chaining
# Odd live columns.
odd() { # odd NAME CODE PATTERN AWK_PROGRAM: the live dataset changed
  awk -F, -v OFS=, "NR > 1 { $4 } { print }" live.csv >odd.csv && cp live.summary.json odd.summary.json
  expect "$1" "$2" "$3" train odd.csv
}
odd 'a live column with text' 3 "odd.csv:7:16: live_latency_advantage is 'fast'" 'if (NR == 7) $16 = "fast"'
odd 'a live column that is infinite' 3 "odd.csv:7:16: live_latency_advantage is 'inf'" 'if (NR == 7) $16 = "inf"'
odd 'an advantage that is nowhere known' 0 'wrote models/' '$16 = ""'
odd 'no live state known at all' 0 'wrote models/' 'for (i = 15; i <= 43; ++i) $i = ""'
odd 'a huge advantage' 0 'wrote models/' '$16 = NR % 2 ? 1e99 : -1e99'
odd 'workloads that are none' 0 'wrote models/' '$1 = NR % 3 == 0 ? -1 : NR % 3 == 1 ? 1e9 : ""'
odd 'one platform alone' 0 'wrote models/' '$51 = "ecs"'
odd 'platforms of another kind' 0 'wrote models/' '$51 = "moon"'
cut -d, -f1-50,52- live.csv >odd.csv && expect 'no platform column' 0 'wrote models/' train odd.csv
grep -q hand_rule models/model_metadata.json && fail 'a hand rule without platforms'
sed '1s/live_latency_advantage/live_other/' live.csv >odd.csv && rm -f odd.summary.json
expect 'no advantage column' 0 'wrote models/' train odd.csv

# Tables that cannot be learned from.
: >empty.csv && expect 'an empty file' 3 'empty.csv: empty; expected a header' train empty.csv
head -1 good.csv >header.csv && expect 'a header alone' 3 'header.csv: no row with a label in balanced_optimal' train header.csv
head -2 good.csv >one.csv && expect 'one row' 3 'one.csv: balanced_optimal is' train one.csv
{ cat plain.csv; echo 1,2; } >bad.csv
expect 'a ragged row' 3 'bad.csv:402: the row has 2 cells; expected 17' train bad.csv
for cell in x nan inf 1e999 '1e308' '"1,5"' 0x10; do
  { cat plain.csv; sed "s/,2,0,1,0,/,$cell,0,1,0,/" <<<"$row"; } >bad.csv
  expect "a cell that is $cell" 3 "bad.csv:402:3: hour_of_day is '" train bad.csv --split stratified
done
{ cat plain.csv; echo "${row%1}2"; } >bad.csv
expect 'a label that is 2' 3 "bad.csv:402:17: balanced_optimal is '2'; expected 0 or 1" train bad.csv
awk -F, -v OFS=, 'NR == 5 { $24 = "soon" } { print }' good.csv >bad.csv
expect 'a time that is none' 3 "bad.csv:5:24: sent_at is 'soon'" train bad.csv
awk -F, -v OFS=, 'NR > 1 { $17 = 1 } { print }' good.csv >bad.csv
expect 'labels of one kind' 3 'bad.csv: balanced_optimal is 1 in every row' train bad.csv
cut -d, -f1-16 good.csv >bad.csv && expect 'no label column' 3 'bad.csv:1: missing column balanced_optimal' train bad.csv
expect 'no such label column' 3 'good.csv:1: missing column best' train good.csv --target best
expect 'a text as label' 3 "good.csv:2:22: platform is 'lambda'; expected 0 or 1" train good.csv --target platform
sed '1s/payload_log/hour_of_day/' plain.csv >bad.csv && expect 'a name twice' 3 'bad.csv:1:9: a second column named hour_of_day' train bad.csv
sed '1s/payload_log//' plain.csv >bad.csv && expect 'no name' 3 'bad.csv:1:9: a column without a name' train bad.csv
awk -F, -v OFS=, 'NR > 1 { for (i = 1; i <= 14; ++i) $i = "" } { print }' plain.csv >bad.csv
expect 'no value at all' 3 'bad.csv: no numeric column to learn from' train bad.csv --split stratified
for column in lambda_latency_ms lambda_cost_usd ecs_latency_ms ecs_cost_usd lambda_cold_start lambda_memory_mb; do
  sed "1s/payload_log/$column/" plain.csv >bad.csv
  expect "$column" 3 "bad.csv:1:9: column $column cannot be a feature" train bad.csv --split stratified
  expect "$column ignored" 0 '13 features' train bad.csv --split stratified --ignore "$column"
done
head -c 200000 "$switchyard" >binary.csv && expect 'binary garbage' 3 'binary.csv:1' train binary.csv
head -c 100000000 /dev/zero | tr '\0' x >long.csv
expect 'a line of 100 MB' 3 'long.csv:1:1: a cell longer than' train long.csv
rm long.csv
if iconv -t UTF-16 good.csv >utf16.csv 2>/dev/null; then expect 'UTF-16' 3 'the text is UTF-16; expected UTF-8' train utf16.csv; fi
printf '"never closed\n' >bad.csv && expect 'an open quote' 3 'bad.csv:1:1: the quote that begins here is never closed' train bad.csv
expect 'no such file' 1 'cannot open nothing.csv' train nothing.csv
expect 'a folder' 1 'it is a folder' train .

# Odd tables that can.
awk -F, -v OFS=, 'NR > 1 { for (i = 1; i <= 14; ++i) $i = 3 } { print }' plain.csv >odd.csv
expect 'constant columns' 0 'wrote models/' train odd.csv --split stratified
awk -F, -v OFS=, 'NR > 1 { $2 = NR % 2 ? 1e100 : -1e100 } { print }' plain.csv >odd.csv
expect 'huge values' 0 'wrote models/' train odd.csv --split stratified
grep -qiE '(nan|inf)[,}]' models/model.json && fail 'a model of huge values is finite'
awk -F, -v OFS=, 'NR > 1 { $3 = "" } { print }' good.csv >odd.csv && cp good.summary.json odd.summary.json
expect 'a column without values' 0 'wrote models/' train odd.csv
awk -F, -v OFS=, 'NR % 3 == 0 { $17 = "" } { print }' good.csv >odd.csv && rm odd.summary.json
expect 'rows without label' 0 'odd.csv: 267 labelled rows' train odd.csv

# A summary beside the table that is damaged.
summary() { # summary PATTERN JSON
  printf '%s' "$2" >plain.summary.json
  expect "summary $2" 3 "$1" train plain.csv --split stratified
}
summary 'plain.summary.json: expected a JSON object' '{"feature_columns":'
summary 'plain.summary.json: expected a JSON object' '[]'
summary 'plain.summary.json: expected a list of names as feature_columns' '{"feature_columns":3}'
summary 'plain.summary.json: expected a list of names as feature_columns' '{"feature_columns":[1]}'
summary 'plain.csv:1: missing column colour' '{"feature_columns":["colour"]}'
summary 'plain.summary.json: catalogue' '{"catalogue":3}'
summary 'plain.summary.json: catalogue' '{"catalogue":{"workloads":[{}]}}'
printf '{"feature_columns":["observed_ecs_ok"]}' >plain.summary.json
expect 'a measurement as feature' 2 'observed_ecs_ok cannot be a feature' train plain.csv --split stratified
printf '{"labels":3,"dropped":"x","runs":7,"context_ceiling":"big","requests":"many","coverage":{},"warnings":3}' >plain.summary.json
expect 'a summary of other types' 0 'wrote models/' train plain.csv --split stratified
rm plain.summary.json

# Options.
expect 'no table' 2 'dataset' "$switchyard" train
expect 'an unknown split' 2 'nonsense not in {temporal,stratified,leave-one-run-out,forward-chaining}' train good.csv --split nonsense
expect 'a negative seed' 2 '--seed' train good.csv --seed -1
for threads in -1 1e9 many; do expect "threads $threads" 2 '--threads' train good.csv --threads "$threads"; done
expect 'no repeat' 2 '--repeat' train good.csv --repeat 0
expect 'no epoch' 2 '--mlp-epochs' "$switchyard" train good.csv --mlp-epochs 0
expect 'unknown features' 2 '--features' train good.csv --features some
expect 'an unknown objective' 2 '--objective' train good.csv --objective both
expect 'an unknown option' 2 '--colour' train good.csv --colour
expect 'a file as folder' 1 'cannot write good.csv' "$switchyard" train good.csv --out good.csv
expect 'below a file' 1 'cannot write good.csv/models' "$switchyard" train good.csv --out good.csv/models
expect 'a folder that takes no files' 1 'cannot write /proc/models' "$switchyard" train good.csv --out /proc/models

finish train
