#!/usr/bin/env bash
# usage: predict_test.sh SWITCHYARD. What `switchyard predict` answers, refuses and survives.
set -uo pipefail

switchyard=$1
here=$(cd -- "$(dirname -- "$0")" && pwd)
model=$here/router_model.json
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
failures=0

# expect NAME CODE PATTERN COMMAND...: the exit code, and a fixed text in what was printed on either stream
expect() {
  local name=$1 code=$2 pattern=$3 output found
  shift 3
  output=$("$@" 2>&1 </dev/null | tr -d '\0'; exit "${PIPESTATUS[0]}")
  found=$?
  if [[ $found != "$code" || $output != *"$pattern"* ]]; then
    printf 'FAILED %s: exit code %s (expected %s), printed:\n%s\n' "$name" "$found" "$code" "${output:0:600}"
    failures=$((failures + 1))
  fi
}
same() {
  if ! cmp -s -- "$2" "$3"; then
    printf 'FAILED %s\n' "$1"
    diff -- "$2" "$3" | head -5
    failures=$((failures + 1))
  fi
}
predict() { "$switchyard" predict --model "$model" "$@"; }

header=workload_type_encoded,payload_size_kb,hour_of_day,time_window_encoded,is_weekend,load_pattern_encoded,lambda_memory_limit_mb,payload_squared,payload_log,payload_workload_interaction,payload_hour_interaction,payload_time_window_interaction,workload_time_window_interaction,payload_load_pattern_interaction
row=1,500,12,2,0,1,256,250000,6.21660610108486,500,6000,1000,2,500
unknown=1,500,,,,4,256,250000,6.21660610108486,500,,,,2000
large=3,8192,12,2,0,1,512,67108864,9.01101,24576,98304,16384,6,8192
printf '%s\n' "$header" "$row" "$unknown" "$large" >rows.csv

predict rows.csv >decisions.csv || failures=$((failures + 1))
[[ $(head -1 decisions.csv) == recommended_platform,confidence,lambda_probability,ecs_probability ]] &&
  [[ $(sed -n 4p decisions.csv) == ecs,1,0,1 && $(wc -l <decisions.csv) == 4 ]] ||
  { printf 'FAILED decisions:\n%s\n' "$(cat decisions.csv)"; failures=$((failures + 1)); }

# Ways to say the same rows give the same answers.
predict - <rows.csv >same.csv && same 'standard input' decisions.csv same.csv
predict <rows.csv >same.csv && same 'no file' decisions.csv same.csv
sed 's/$/\r/; 1s/^/\xef\xbb\xbf/' rows.csv | predict >same.csv && same 'CRLF and byte order mark' decisions.csv same.csv
awk -F, -v OFS=, '{ line = "\"note, " NR "\""; for (i = NF; i > 0; i--) line = line OFS $i; print line }' rows.csv |
  predict >same.csv && same 'other order, another column' decisions.csv same.csv
mkdir 'a folder' && cp rows.csv 'a folder/the rows.csv' && cp "$model" 'a folder/a model.json'
"$switchyard" predict --model 'a folder/a model.json' 'a folder/the rows.csv' >same.csv && same 'blanks in paths' decisions.csv same.csv
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
  { line = ""; for (i = 1; i <= NF; i++) line = line (i > 1 ? "," : "") "\"" name[i] "\":" ($i == "" ? "null" : $i)
    print (NR % 2 ? "{" line "}" : "{\"features\":{" line "}}") }' rows.csv >rows.jsonl
predict rows.jsonl >same.csv && same 'rows as JSON' decisions.csv same.csv
printf '%s\n' '{"workload_type":"thumbnail_processing","payload_size_kb":500,"time_window":"midday","load_pattern":"medium_load","timestamp":"2025-11-24T12:00:00Z"}' \
  '{"workload_type":"thumbnail_processing","payload_size_kb":501.5}' '{"workload_type":"heavy_processing","payload_size_kb":8192}' |
  predict >same.csv && same 'requests' decisions.csv same.csv
if locale -a 2>/dev/null | grep -qi '^de_DE\.utf-\?8$'; then
  LC_ALL=de_DE.UTF-8 predict rows.csv >same.csv && same 'a locale with decimal commas' decisions.csv same.csv
else
  echo 'skipped: there is no locale de_DE.UTF-8 here'
fi

expect 'probability' 0 "$(sed -n 2p decisions.csv | cut -d, -f3)" predict --output probability rows.csv
expect 'JSON answers' 0 '"ecs_probability":1,"reason":"infeasible"}' predict --format jsonl rows.csv
head -1 rows.csv >header.csv
expect 'a header alone' 0 'recommended_platform' predict header.csv
: >empty.csv
expect 'an empty file' 3 'empty.csv: empty; expected a header' predict empty.csv
cut -d, -f1,3-13 rows.csv >short.csv
expect 'missing columns' 3 'short.csv:1: missing columns payload_size_kb, payload_load_pattern_interaction' predict short.csv
for bad in nan inf x 1e999 0x10 '"1,5"'; do
  { cat rows.csv; printf '%s\n' "${row/12/$bad}"; } >bad.csv
  expect "a cell that is $bad" 3 "bad.csv:5:3: hour_of_day is '" predict bad.csv
done
expect 'the rows before a bad one' 3 "$(sed -n 3p decisions.csv)" predict bad.csv
{ cat rows.csv; echo 1,2; } >ragged.csv
expect 'a ragged row' 3 'ragged.csv:5: the row has 2 cells; expected 14' predict ragged.csv
printf '{"features":{"hour_of_day":"12"}}\n' >text.jsonl
expect 'text for a number' 3 'hour_of_day is "12"' predict text.jsonl
printf '{"workload_type":"heavy_processing","payload_size_kb":1}\n{"workload' >torn.jsonl
expect 'a torn line' 3 'torn.jsonl:2:11: not JSON' predict torn.jsonl
head -c 100000000 /dev/zero | tr '\0' x >long.csv
expect 'a line of 100 MB' 3 'long.csv:1:1: a cell longer than' predict long.csv
mv long.csv long.jsonl
expect 'a JSON line of 100 MB' 3 'long.jsonl:1: a line longer than' predict long.jsonl
rm long.jsonl
head -c 200000 "$switchyard" >binary
expect 'binary garbage' 3 'binary:1' predict binary
expect 'a folder' 1 'Is a directory' predict .
expect 'no such file' 1 'nothing.csv' predict nothing.csv
expect 'no such model' 1 'nothing.json' "$switchyard" predict --model nothing.json rows.csv
expect 'a model that is none' 3 'rows.csv' "$switchyard" predict --model rows.csv rows.csv
head -c 2000 "$model" >torn.json
expect 'a torn model' 3 'torn.json' "$switchyard" predict --model torn.json rows.csv
sed 's/"payload_log"/"latency_ms"/' "$model" >foreign.json
expect 'a model of other columns decides nothing' 2 'latency_ms' "$switchyard" predict --model foreign.json rows.csv
sed '1s/payload_log/latency_ms/' rows.csv >foreign.csv
expect 'but has probabilities' 0 "$(sed -n 2p decisions.csv | cut -d, -f3)" "$switchyard" predict --model foreign.json --output probability foreign.csv
for later in margin contributions interactions; do
  expect "--output $later" 2 'not in {decision,probability}' predict --output "$later" rows.csv
done
expect 'an unknown output' 2 '' predict --output odds rows.csv
expect 'no model' 2 '--model' "$switchyard" predict rows.csv

# A reader that has seen enough is no error; a full disk is.
{ head -1 rows.csv; for _ in $(seq 20000); do echo "$row"; done; } >many.csv
predict many.csv 2>message | head -2 >/dev/null
codes=("${PIPESTATUS[@]}")
[[ ${codes[0]} == 0 && ! -s message ]] || { echo "FAILED head: ${codes[0]} $(cat message)"; failures=$((failures + 1)); }
[[ $(predict many.csv | wc -l) == 20001 ]] || { echo 'FAILED one answer per row'; failures=$((failures + 1)); }
if [[ -w /dev/full ]]; then
  expect 'a full disk' 1 'cannot write standard output' bash -c '"$0" predict --model "$1" many.csv >/dev/full' "$switchyard" "$model"
fi

((failures == 0)) && echo "predict: all well" || exit 1
