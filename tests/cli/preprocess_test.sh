#!/usr/bin/env bash
# usage: preprocess_test.sh SWITCHYARD. What `switchyard preprocess` reads, counts, refuses and survives.
set -uo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
source "$here/check.bash"
preprocess() { "$switchyard" preprocess --out out.csv "$@"; }

# counted REASON ROWS PLACE: what the summary of out.csv says of the rows left out
counted() {
  grep -q "^    \"$1\": $2,\?$" out.summary.json && grep -q "^    \"$1\": \"$3\",\?$" out.summary.json ||
    fail "$1 is not counted as $2 rows from $3: $(sed -n '/"dropped"/,/}/p; /"dropped_first"/,/}/p' out.summary.json)"
}
# rows FILE: how many it has, the header left out
rows() { echo $(($(wc -l <"$1") - 1)); }

measurements 400 >good.jsonl
expect 'good rows' 0 '400 log rows, 400 labelled' preprocess good.jsonl
cp out.csv good.csv && cp out.summary.json good.summary.json
[[ $(rows good.csv) == 400 ]] || fail 'one row per measurement'

# Ways to give the same rows.
preprocess - <good.jsonl >/dev/null && same 'standard input' good.csv out.csv
mkdir -p 'a folder/with [odd] $names & "quotes"' && cp good.jsonl 'a folder/with [odd] $names & "quotes"/the *?;|logs.jsonl'
preprocess 'a folder' >/dev/null && same 'odd names' good.csv out.csv
preprocess good.jsonl good.jsonl ./good.jsonl >/dev/null && same 'the same file again' good.csv out.csv
ln -s good.jsonl link.jsonl && preprocess link.jsonl good.jsonl >/dev/null && same 'the same file by a link' good.csv out.csv
cp good.jsonl copy.jsonl && preprocess good.jsonl copy.jsonl >/dev/null && same 'a copy' good.csv out.csv
counted duplicate_request_id 400 copy.jsonl:1
sed 's/$/\r/; 1s/^/\xef\xbb\xbf/' good.jsonl >crlf.jsonl
preprocess crlf.jsonl >/dev/null && same 'CRLF and byte order mark' good.csv out.csv
awk 'NR % 7 == 0 { print ""; print "  " } { print }' good.jsonl >blank.jsonl
preprocess blank.jsonl >/dev/null && same 'blank lines' good.csv out.csv
head -c -1 good.jsonl >open.jsonl && preprocess open.jsonl >/dev/null && same 'no last newline' good.csv out.csv
sed -E 's/"(execution_time_ms|response_time_ms|http_status|target_payload_size_kb)":([0-9.]+)/"\1":"\2"/g' good.jsonl >texts.jsonl
preprocess texts.jsonl >/dev/null && same 'numbers as text' good.csv out.csv
sed -E 's/"sent_at":"([^T]*)T02:/"sent_at":"\1T07:/; s/(T07:[0-9:.]*)Z"/\1+05:00"/; s/Z"\}$/"}/' good.jsonl >zones.jsonl
preprocess zones.jsonl >/dev/null && same 'zones and none' good.csv out.csv
cp good.jsonl "$(printf 'caf\xe9.jsonl')"
printf '{\n' >>"$(printf 'caf\xe9.jsonl')"
expect 'a name that is no UTF-8' 0 'malformed_json' preprocess "$(printf 'caf\xe9.jsonl')"
for locale in C de_DE.UTF-8; do
  if [[ $locale == C ]] || has_german_locale; then
    LC_ALL=$locale preprocess good.jsonl >/dev/null && same "locale $locale" good.csv out.csv
    same "locale $locale, summary" good.summary.json out.summary.json
  else
    echo 'skipped: there is no locale de_DE.UTF-8 here'
  fi
done

# The original's older schemas: no size, window or pattern; errors of no platform.
mkdir old && cat >old/lambda_heavy.jsonl <<'ROWS'
{"request_id":"req_1763322081639_3t2pq3dra","platform":"lambda","workload_type":"heavy_processing","timestamp":"2025-11-16T19:41:28.648763","http_status":200,"response_time_ms":7060,"metrics":{"execution_time_ms":4418.015003204346,"memory_used_mb":"512","memory_limit_mb":"512","cold_start":true,"payload_size_kb":5461.337890625}}
{"request_id":"req_1763322087794_qnsmnjoib","platform":"ecs","workload_type":"heavy_processing","timestamp":"2025-11-16T19:41:33.237772","http_status":200,"response_time_ms":5562,"metrics":{"cpu_percent":0,"execution_time_ms":5094.532251358032,"memory_used_mb":50.93359375,"payload_size_kb":5461.3359375}}
{"request_id":"req_1763840139272_1t3pobnig","platform":"lambda","workload_type":"heavy_processing","timestamp":"2025-11-22T19:35:46.558461","http_status":200,"response_time_ms":7236,"target_payload_size_kb":3072,"actual_payload_size_kb":3079.701171875,"time_window":"early_morning","load_pattern":"low_load","metrics":{"execution_time_ms":4967.523097991943,"memory_used_mb":"512","memory_limit_mb":"512","cold_start":true,"payload_size_kb":3079.701171875}}
{"request_id":"req_1763840139171_cntgjm6o5","platform":"ecs","workload_type":"heavy_processing","timestamp":"2025-11-22T19:35:44.999555","http_status":200,"response_time_ms":5790,"target_payload_size_kb":3072,"actual_payload_size_kb":3079.83203125,"time_window":"early_morning","load_pattern":"low_load","metrics":{"cpu_percent":0,"execution_time_ms":5333.804368972778,"memory_used_mb":52.37109375,"payload_size_kb":3079.83203125}}
{"request_id":"req_1763337598717_2lw0ce6lh","platform":"ecs","workload_type":"thumbnail_processing","timestamp":"2025-11-16T23:59:59.932693","http_status":200,"response_time_ms":1390,"metrics":{"cpu_percent":0,"execution_time_ms":594.1734313964844,"memory_used_mb":32.54296875,"payload_size_kb":200}}
{"request_id":"req_1763841235035_jid32kd02","platform":"unknown","workload_type":"heavy_processing","timestamp":"2025-11-22T19:53:55.035Z","http_status":500,"response_time_ms":2258,"target_payload_size_kb":3072,"actual_payload_size_kb":null,"time_window":"early_morning","load_pattern":"low_load","metrics":{}}
ROWS
cat >old/undefined_undefined_2025-11-16.jsonl <<'ROWS'
{"request_id":"unknown","platform":"unknown","workload_type":"unknown","timestamp":"2025-11-16T19:51:56.228Z","http_status":500,"response_time_ms":537,"metrics":{}}
{"request_id":"unknown","platform":"unknown","workload_type":"unknown","timestamp":"2025-11-10T17:28:45.680Z","http_status":413,"response_time_ms":2672,"metrics":{}}
ROWS
expect 'older schemas' 0 '8 log rows, 4 labelled' preprocess old
counted unknown_platform 3 old/lambda_heavy.jsonl:6
counted no_counterpart 1 old/lambda_heavy.jsonl:5
[[ $(cut -d, -f2 out.csv | sort -u | tr '\n' ' ') == '3072 5461.3359375 5461.337890625 payload_size_kb ' ]] ||
  fail "sizes: $(cut -d, -f2 out.csv | sort -u | tr '\n' ' ')"
grep -q '2025-11-16T19:41:21.639Z' out.csv || fail 'the send time inside a request id'

# One line of each fault behind good ones: counted by reason, with its line.
lambda=$(sed -n 1p good.jsonl | sed 's/"r0"/"x"/')
faulty() { # faulty REASON SED_SCRIPT: the good lines, then a 401st changed by the script
  { cat good.jsonl; sed "$2" <<<"$lambda"; } >bad.jsonl
  expect "$1 ($2)" 0 "$1" preprocess bad.jsonl
  counted "$1" 1 bad.jsonl:401
  # A lone row of another century comes in a run of its own, before theirs.
  sed 's/,early_morning_low_load_2,/,early_morning_low_load,/' out.csv | cmp -s - good.csv || fail "$1: the other rows"
}
faulty malformed_json 's/200/NaN/'
faulty malformed_json 's/200/-Infinity/'
faulty malformed_json 's/200/1e999/'
faulty malformed_json 's/.*/nonsense/'
faulty malformed_json 's/.$//'
faulty malformed_json 's/"x"/"\xff\xfe"/'
faulty not_an_object 's/.*/[1,2]/'
faulty not_an_object 's/.*/null/'
faulty not_an_object:metrics 's/"metrics":{.*},"sent_at/"metrics":[],"sent_at/'
faulty missing:execution_time_ms 's/"metrics":{.*},"sent_at/"metrics":{},"sent_at/'
faulty missing:execution_time_ms 's/"metrics":{.*},"sent_at/"metrics":null,"sent_at/'
faulty missing:response_time_ms 's/"response_time_ms":[0-9]*/"response_time_ms":null/'
faulty missing:send_time 's/,"sent_at.*/}/; s/"timestamp":"[^"]*",//'
faulty negative:target_payload_size_kb 's/"target_payload_size_kb":/&-/'
faulty negative:response_time_ms 's/"response_time_ms":/&-/'
faulty too_large:target_payload_size_kb 's/"target_payload_size_kb":[0-9.]*/"target_payload_size_kb":1e300/'
faulty too_large:response_time_ms 's/"response_time_ms":[0-9]*/"response_time_ms":1e308/'
faulty not_a_number:target_payload_size_kb 's/"target_payload_size_kb":[0-9.]*/"target_payload_size_kb":"large"/'
faulty not_a_number:response_time_ms 's/"response_time_ms":[0-9]*/"response_time_ms":"nan"/'
faulty not_a_number:response_time_ms 's/"response_time_ms":[0-9]*/"response_time_ms":"3,5"/'
faulty not_a_number:http_status 's/"http_status":200/"http_status":true/'
faulty not_text:workload_type 's/"workload_type":"[^"]*"/"workload_type":{}/'
faulty unknown_workload 's/"workload_type":"[^"]*"/"workload_type":"baking"/'
faulty unknown_workload 's/"workload_type":"[^"]*",//'
faulty unknown_platform 's/"platform":"[^"]*"/"platform":null/'
faulty not_a_time:sent_at 's/"sent_at":"[^"]*"/"sent_at":"soon"/'
faulty not_a_time:sent_at 's/"sent_at":"[^"]*"/"sent_at":"2025-02-30T00:00:00Z"/'
faulty not_a_time:sent_at 's/"sent_at":"[^"]*"/"sent_at":[]/'
faulty time_out_of_range 's/"sent_at":"[^"]*"/"sent_at":1e300/'
faulty time_out_of_range 's/"sent_at":"[^"]*"/"sent_at":"9999-12-31T23:59:59.999Z"/'
faulty time_out_of_range 's/"sent_at":"[^"]*"/"sent_at":"0000-01-01T00:00:00Z"/'
faulty no_counterpart_within_gap 's/"sent_at":"[^"]*"/"sent_at":"0001-01-01T00:00:00Z"/'
faulty no_counterpart_within_gap 's/"sent_at":"[^"]*"/"sent_at":"9999-12-31T00:00:00Z"/'
faulty duplicate_request_id 's/"x"/"r0"/'
faulty not_sent 's/{/{"error_class":"not_sent",/'
{ cat good.jsonl; printf '%s' "${lambda:0:100}"; } >bad.jsonl
expect 'a torn line' 0 'torn_line' preprocess bad.jsonl
counted torn_line 1 bad.jsonl:401
{ cat good.jsonl; head -c 100000 /dev/zero | tr '\0' '['; echo; } >bad.jsonl
expect 'deep nesting' 0 'malformed_json' preprocess bad.jsonl
{ cat good.jsonl; head -c 100000 /dev/zero; echo; head -c 200000 "$switchyard" | tr '\n' x; echo; } >bad.jsonl
expect 'NUL bytes and garbage' 0 'malformed_json' preprocess bad.jsonl
counted malformed_json 2 bad.jsonl:401
same 'the rows before garbage' good.csv out.csv
{ head -c 100000000 /dev/zero | tr '\0' x; echo; cat good.jsonl; } >long.jsonl
expect 'a line of 100 MB in 80 MB of memory' 0 'line_too_long' bash -c 'ulimit -v 80000; "$0" preprocess --out out.csv long.jsonl' "$switchyard"
counted line_too_long 1 long.jsonl:1
same 'the rows behind a long line' good.csv out.csv
rm long.jsonl
# Ten thousand runs of two rows: no time that grows with the square.
awk 'BEGIN { for (i = 0; i < 20000; ++i) printf "{\"request_id\":\"q%d\",\"platform\":\"%s\",\"workload_type\":\"heavy_processing\",\"http_status\":200,\"response_time_ms\":%d,\"target_payload_size_kb\":3072,\"metrics\":{\"execution_time_ms\":9},\"sent_at\":%.0f}\n", i, i % 2 ? "ecs" : "lambda", 100 + i % 7, 1.7e12 + int(i / 2) * 700000 }' >runs.jsonl
expect 'many runs' 0 'in 10000 runs' timeout 20 "$switchyard" preprocess --out out.csv runs.jsonl

# Nothing to make a dataset of: exit 3, the reason counted, nothing written.
nothing() { # nothing NAME PATTERN ARGS...
  rm -f out.csv out.summary.json
  expect "$1" 3 "$2" preprocess "${@:3}"
  [[ ! -e out.csv && ! -e out.summary.json && ! -e out.csv.partial ]] || fail "$1: something was written"
}
mkdir empty texts one && : >texts/notes.txt && grep '"platform":"ecs"' good.jsonl >one/ecs.jsonl && : >empty.jsonl
nothing 'an empty folder' 'no *.jsonl file in this folder' empty
nothing 'a folder without logs' 'texts: no *.jsonl file' texts
nothing 'an empty file' 'no row got a label' empty.jsonl
nothing 'one platform' 'no_counterpart' one
iconv -t UTF-16 good.jsonl >utf16.jsonl 2>/dev/null && nothing 'UTF-16' 'utf16.jsonl:1' utf16.jsonl
head -c 200000 "$switchyard" >binary.jsonl
nothing 'binary garbage' 'malformed_json' binary.jsonl
printf '[%s]\n' "$(paste -sd, good.jsonl)" >array.jsonl
nothing 'one JSON list' 'not_an_object' array.jsonl
ln -s nowhere dangling.jsonl && ln -s loop.jsonl loop.jsonl && mkdir ring && ln -s . ring/again && ln -s x.jsonl ring/x.jsonl
expect 'no such file' 1 'cannot open nothing.jsonl' preprocess nothing.jsonl
expect 'a dangling link' 1 'cannot open dangling.jsonl' preprocess dangling.jsonl
expect 'a link to itself' 1 'cannot open loop.jsonl' preprocess loop.jsonl
expect 'a folder with a link to itself' 1 'ring' preprocess ring
rm ring/x.jsonl && cp good.jsonl ring/
expect 'a folder with a link to its folder' 0 '400 log rows' preprocess ring
mkdir mixed mixed/x.jsonl && cp good.jsonl mixed/x.jsonl/
expect 'a folder with the name of a log' 0 '400 log rows' preprocess mixed
if [[ -r /proc/self/mem ]]; then expect 'a file that does not read' 1 'cannot open /proc/self/mem' preprocess /proc/self/mem; fi

# Options.
expect 'no logs' 2 'logs' "$switchyard" preprocess
expect 'an unknown option' 2 '--colour' preprocess --colour good.jsonl
for margin in 1 nan -1 inf; do expect "margin $margin" 2 'margin is' preprocess --margin "$margin" good.jsonl; done
for gap in -1 nan; do expect "gap $gap" 2 'max_gap is' preprocess --max-gap "$gap" good.jsonl; done
for timeout in 0 nan inf -3 1e308; do expect "timeout $timeout" 2 '--timeout is' preprocess --timeout "$timeout" good.jsonl; done
expect 'margin that is no number' 2 '--margin' preprocess --margin much good.jsonl
for zone in Berlin +25:00 5; do expect "zone $zone" 2 '--zone is' preprocess --zone "$zone" good.jsonl; done
expect 'a zone' 0 'zone UTC+5.5 h' preprocess --zone +05:30 good.jsonl
expect 'a label rule' 2 '--label-rule' preprocess --label-rule best good.jsonl
expect 'unknown features' 2 '--features' preprocess --features some good.jsonl
expect 'variance' 99 'FAIL' preprocess --require-variance one good.jsonl --margin 0.99
expect 'prices that are not there' 1 'cannot open p.json' preprocess --prices p.json good.jsonl
prices() { # prices PATTERN JSON
  printf '%s' "$2" >p.json
  expect "prices $2" 3 "$1" preprocess --prices p.json good.jsonl
}
rest='"unit":"u","region":"r","date":"d","source":"s"'
prices 'p.json: expected a JSON object' 'cheap'
prices 'p.json: expected a JSON object' '[]'
prices "p.json: unknown price 'colour'" '{"colour":1}'
prices "p.json: lambda_request is '3'; expected an object" '{"lambda_request":3}'
prices "p.json: lambda_request.usd is '-1'" "{\"lambda_request\":{\"usd\":-1,$rest}}"
prices "p.json: lambda_request.usd is '1e+308'" "{\"lambda_request\":{\"usd\":1e308,$rest}}"
prices 'p.json: missing' '{"lambda_request":{"usd":1}}'
printf '{"lambda_request":{"usd":1,%s}}' "$rest" >p.json
expect 'prices' 0 'labelled' preprocess --prices p.json good.jsonl
expect 'a folder of prices' 1 'cannot open mixed' preprocess --prices mixed good.jsonl
expect 'no experiment' 1 'cannot open e.json' preprocess --experiment e.json good.jsonl
printf '{"name":"x",\n"colour":1}' >e.json && expect 'an unknown field' 2 'e.json: ' preprocess --experiment e.json good.jsonl
printf '{"name":"x",\n' >e.json && expect 'no experiment JSON' 2 'e.json:2' preprocess --experiment e.json good.jsonl
"$switchyard" simulate --print-experiment >e.json
expect 'coverage' 0 'Coverage (rows logged against rows scheduled)' preprocess --experiment e.json good.jsonl
grep -q '"seen": 0' out.summary.json || fail 'cells that nobody logged are 0'
grep -q 'plan: run evening_burst_load of the experiment has no row' out.summary.json || fail 'a run that was not made is named'

# Missing answers, and plans that do not fit the logs.
plan() { # plan RUNS [MORE FIELDS]: an experiment e.json of one day
  printf '{"name":"small","runs":[%s]%s}' "$1" "${2:-}" >e.json
}
low='{"window":"early_morning","load_pattern":"low_load","start":"2025-11-22T02:00:00Z","phases":[{"duration":200,"arrivalRate":RATE}]}'
medium='{"window":"midday","load_pattern":"medium_load","start":"2025-11-23T12:00:00Z","phases":[{"duration":200,"arrivalRate":RATE}]}'
expect 'time-outs without a plan' 2 '--missing is' preprocess --missing timeout good.jsonl
expect 'a missing rule' 2 '--missing' preprocess --missing guess good.jsonl
plan "${low/RATE/40},${medium/RATE/40}"
expect 'ignored, with a plan' 0 'Coverage (rows logged against rows scheduled), worst first' preprocess --experiment e.json good.jsonl
cut -d, -f1-34 good.csv >a.csv && cut -d, -f1-34 out.csv >b.csv && same 'a plan alone changes no label' a.csv b.csv
expect 'missing answers' 0 'missing answers counted as time-outs' preprocess --experiment e.json --missing timeout good.jsonl
[[ $(rows out.csv) == 400 ]] || fail 'a missing answer became a row'
grep -q '"missing": "timeout"' out.summary.json || fail 'the summary names the rule'
cp out.csv again.csv && preprocess --experiment e.json --missing timeout good.jsonl >/dev/null && same 'missing answers again' again.csv out.csv
plan "${low/RATE/0.01},${medium/RATE/0}"
expect 'more rows than scheduled' 0 'it is not the plan of these logs' preprocess --experiment e.json --missing timeout good.jsonl
grep -q '"missing_answers": 0' out.summary.json || fail 'nothing is missing where too much is there'
cut -d, -f1-34 out.csv >b.csv && same 'no missing answer changes no label' a.csv b.csv
plan "${low/RATE/1}"
expect 'a run outside the plan' 0 'log rows are of no run' preprocess --experiment e.json good.jsonl
plan "${low/early_morning/late_night}"; sed -i 's/RATE/1/' e.json
expect 'a plan of other runs' 0 '400 of 400 log rows' preprocess --experiment e.json good.jsonl
expect 'time-outs by a plan of other runs' 2 'no run of the experiment is in the logs' preprocess --experiment e.json --missing timeout good.jsonl
plan ''
expect 'a plan of no run' 2 'a list of at least one' preprocess --experiment e.json --missing timeout good.jsonl
plan "${low/\[*\]/[]}"
expect 'a run without phases' 2 'phases' preprocess --experiment e.json good.jsonl
plan "${low/RATE/1000000}"; sed -i 's/:200/:30000000/' e.json
expect 'a plan of more than fits' 2 'not the plan these logs were made by' preprocess --experiment e.json --missing timeout good.jsonl
plan "${low/RATE/1}" ',"catalogue":{"workloads":[{"name":"baking","path":"bake","sizes_kb":[1]}]}'
expect 'a plan of other workloads' 3 'no row got a label' preprocess --experiment e.json --missing timeout good.jsonl
# A log that numbers its requests has a row for each: nothing is missing, whatever the plan expects.
plan "${low/RATE/40},${medium/RATE/40}"
awk '{ match($0, /"load_pattern":"[a-z_]*"/); run = substr($0, RSTART, RLENGTH); sub(/}$/, ",\"seq\":" seq[run]++ + 0 "}"); print }' good.jsonl >numbered.jsonl
expect 'numbered requests' 0 ' 0 missing answers' preprocess --experiment e.json --missing timeout numbered.jsonl
cut -d, -f1-34 out.csv >b.csv && same 'numbered requests' a.csv b.csv
for seq in '"x"' -5 1e300 null 2.5; do
  sed "1s/\"seq\":0}/\"seq\":$seq}/" numbered.jsonl >odd.jsonl
  expect "seq $seq" 0 '400 labelled' preprocess --experiment e.json --missing timeout odd.jsonl
done

# Live features: the platforms' state as a router saw it, beside all other columns, with the next request as mate.
expect 'live features' 0 'labelled' preprocess --features live good.jsonl
cp out.csv live.csv && cp out.summary.json live.summary.json
expect 'all features' 0 'labelled' preprocess --features all good.jsonl
same 'all columns are written for live features, too' live.csv out.csv
[[ $(head -1 out.csv | tr , '\n' | grep -c '^live_') == 29 ]] || fail 'not 29 live columns in the header'
[[ $(head -1 out.csv | tr , '\n' | grep -v '^live_' | paste -sd,) == $(head -1 good.csv) ]] || fail 'other columns changed'
for file in out live; do
  grep -q '"live_state": {' $file.summary.json || fail "$file.summary.json knows no live state"
  grep -q '"mate": "next"' $file.summary.json || fail "$file.summary.json: the default mate beside live features is the next"
done
grep -q '"features": "live"' live.summary.json && grep -q '"features": "all"' out.summary.json || fail 'the summary names the features'
columns() { sed -n '/"feature_columns"/,/\]/p' "$1" | grep -c '^    "'; }
[[ $(columns good.summary.json) == 14 && $(columns live.summary.json) == 31 && $(columns out.summary.json) == 43 ]] ||
  fail "feature columns: $(columns good.summary.json), $(columns live.summary.json), $(columns out.summary.json)"
grep -q '"live_state": null' good.summary.json || fail 'a live state nobody asked for'
grep -q '"mate": "nearest"' good.summary.json || fail 'without live features the default mate is the nearest'
# 6 sizes in 2 runs, the last ECS request of each without a later one to Lambda.
[[ $(rows out.csv) == 388 ]] || fail "next mates: $(rows out.csv) rows"
expect 'a mate chosen' 0 '400 labelled' preprocess --features all --mate nearest good.jsonl
cut -d, -f1-14,44-82 out.csv >a.csv && same 'nearest mates beside live features' good.csv a.csv
preprocess --features all good.jsonl >/dev/null && cp out.csv next.csv
preprocess --mate next good.jsonl >/dev/null && cut -d, -f1-14,44-82 next.csv >a.csv && same 'live features change no other column' out.csv a.csv
tac good.jsonl >backwards.jsonl && preprocess --features all backwards.jsonl >/dev/null
cut -d, -f1-49 next.csv | sort >a.csv && cut -d, -f1-49 out.csv | sort >b.csv && same 'live features whatever the order of the log' a.csv b.csv
# Requests without a name are as good as others.
sed 's/"request_id":"[^"]*",//' good.jsonl >nameless.jsonl && preprocess --features all nameless.jsonl >/dev/null
cut -d, -f1-46 next.csv >a.csv && cut -d, -f1-46 out.csv >b.csv && same 'live features of nameless requests' a.csv b.csv

# Where to write.
expect 'below a file' 1 'cannot write good.jsonl/x.csv' "$switchyard" preprocess --out good.jsonl/x.csv good.jsonl
expect 'a folder' 1 'cannot write mixed: it is a folder' "$switchyard" preprocess --out mixed good.jsonl
expect 'a folder that takes no files' 1 'cannot write /proc/x.csv' "$switchyard" preprocess --out /proc/x.csv good.jsonl
expect 'standard output' 2 "--out is '-'" "$switchyard" preprocess --out - good.jsonl
cp good.jsonl log.jsonl && expect 'over its own log' 2 'log.jsonl, which it would overwrite' "$switchyard" preprocess --out log.jsonl log.jsonl
same 'the log afterwards' good.jsonl log.jsonl
expect 'a new folder' 0 'wrote a/b/c.csv and a/b/c.summary.json' "$switchyard" preprocess --out a/b/c.csv good.jsonl
if [[ -w /dev/full ]]; then
  ln -s /dev/full full.csv && expect 'a full disk' 1 'cannot write full.csv' "$switchyard" preprocess --out full.csv good.jsonl
  [[ -c /dev/full ]] || fail 'the device was replaced'
fi

# A reader that has seen enough costs no dataset; an interrupted run leaves the old one.
rm -f out.csv
preprocess good.jsonl 2>message | head -1 >/dev/null
codes=("${PIPESTATUS[@]}")
[[ ${codes[0]} == 0 && ! -s message ]] || fail "head: ${codes[0]} $(cat message)"
same 'the dataset that head did not see' good.csv out.csv
mkfifo pipe && { cat good.jsonl; exec sleep 20; } >pipe &
writer=$!
timeout --preserve-status -s INT 3 "$switchyard" preprocess --out out.csv pipe >/dev/null 2>&1
[[ $? == 130 ]] || fail 'an interrupt ends with 130'
kill "$writer" 2>/dev/null
same 'the dataset before the interrupt' good.csv out.csv

finish preprocess
