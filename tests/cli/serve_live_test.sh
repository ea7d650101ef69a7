#!/usr/bin/env bash
# usage: serve_live_test.sh SWITCHYARD. What `switchyard serve` learns of the platforms, keeps over a restart and refuses
# to learn, over real connections.
set -uo pipefail

. "$(dirname -- "$0")/serving.bash"
model=live_model.json
# Lambda where its latency is expected to be below ECS's, ECS where not, and where nothing is known as well.
cat >"$model" <<'JSON'
{"format":"switchyard-model","version":1,"kind":"gradient_boosting","catalogue":null,"metadata":null,"replay":[],
 "feature_columns":["payload_size_kb","live_log_latency_ratio"],"ranges":[],"threshold":0.5,"price_book":"","label_rule":"",
 "model":{"features":2,"bias":0,"scale":1,"trees":[{"feature":[1,-1,-1],"threshold":[0,0,0],"left":[1,-1,-1],
 "right":[2,-1,-1],"default_left":[1,0,0],"value":[0,-2,2],"cover":[2,1,1],"gain":[1,0,0]}]}}
JSON
request='{"workload_type":"medium_processing","payload_size_kb":1024}'

# answers PLATFORM RESPONSE_MS COUNT [PREFIX]: that many log rows, of requests sent a second apart until just now
answers() {
  local now
  now=$(date +%s%3N)
  awk -v platform="$1" -v response="$2" -v count="$3" -v prefix="${4:-a}" -v now="$now" 'BEGIN {
    for (i = count; i > 0; --i) {
      printf "{\"request_id\":\"%s-%s-%d\",\"platform\":\"%s\",\"workload_type\":\"medium_processing\",", prefix, platform, i, platform
      printf "\"target_payload_size_kb\":1024,\"sent_at\":%.0f,\"response_time_ms\":%d,\"http_status\":200}\n", now - response - 1000 * i, response
    }
  }'
}
# asked: the platform that the request should go to
asked() { curl -sS -m 10 -d "$request" "$url/predict" | sed 's/.*"recommended_platform":"\([a-z]*\)".*/\1/'; }
known() { curl -sS -m 10 "$url/state"; }

start
expect 'nothing is known' 200 '"expected_ms":{"lambda":null,"ecs":null},"model"' -d "$request" "$url/predict"
[[ $(asked) == ecs ]] || fail 'the model, knowing nothing'

# What is observed changes the next decision.
answers lambda 300 20 >lambda.jsonl
answers ecs 900 20 >ecs.jsonl
expect 'answers by line' 200 '{"accepted":20,"ignored":0}' --data-binary @lambda.jsonl "$url/observe"
expect 'one platform alone' 200 '"ecs":null}' -d "$request" "$url/predict"
jq_list() { printf '['; paste -sd, "$1" | tr -d '\n'; printf ']'; }
expect 'answers in a list' 200 '{"accepted":20,"ignored":0}' --data-binary @<(jq_list ecs.jsonl) "$url/observe"
[[ $(asked) == lambda ]] || fail 'Lambda answers faster'
expected=$(curl -sS -m 10 -d "$request" "$url/predict" | sed 's/.*"expected_ms":\({[^}]*}\).*/\1/')
[[ $expected == '{"lambda":300,"ecs":900}' ]] || fail "expected latencies: $expected"
expect 'the same answers again' 200 '{"accepted":0,"ignored":20}' --data-binary @lambda.jsonl "$url/observe"
answers lambda 4000 60 slow >slow.jsonl
expect 'Lambda slows down' 200 '{"accepted":60,"ignored":0}' --data-binary @slow.jsonl "$url/observe"
[[ $(asked) == ecs ]] || fail 'Lambda has become the slower one'
expect 'of another time' 200 '"recommended_platform"' -d "${request%\}},\"timestamp\":\"2025-11-22T12:00:00Z\"}" "$url/predict"
sent="{\"event\":\"sent\",\"request_id\":\"out\",\"platform\":\"ecs\",\"workload_type\":\"medium_processing\",\"sent_at\":$(date +%s%3N)}"
expect 'a request on its way' 200 '{"accepted":1,"ignored":0}' -d "$sent" "$url/observe"
expect 'the same again' 200 '{"accepted":0,"ignored":1}' -d "$sent" "$url/observe"
expect 'the state' 200 '"format":"switchyard-live-state"' "$url/state"

# The state itself is what the next tests must not change.
known >before
row=$(head -1 lambda.jsonl)
expect 'no body' 400 'no body' -d '' "$url/observe"
expect 'blanks' 400 'no body' --data-binary $' \n ' "$url/observe"
expect 'no JSON' 400 'not JSON' -d 'platform=ecs' "$url/observe"
expect 'a torn body' 400 'not JSON' --data-binary "${row:0:60}" "$url/observe"
expect 'a torn line' 400 'line 2: ' --data-binary "$row"$'\n'"${row:0:60}" "$url/observe"
expect 'a torn list' 400 'not JSON' --data-binary "[$row" "$url/observe"
expect 'NaN' 400 'not JSON' --data-binary "${row/\"response_time_ms\":300/\"response_time_ms\":NaN}" "$url/observe"
expect 'a huge number' 400 'overflow' --data-binary "${row/\"response_time_ms\":300/\"response_time_ms\":1e999}" "$url/observe"
expect 'deep nesting' 400 'nested deeper' --data-binary @<(head -c 500000 /dev/zero | tr '\0' '[') "$url/observe"
expect 'a body of 10 MB' 413 'larger than 1048576' --data-binary @<(head -c 10000000 /dev/zero | tr '\0' a) "$url/observe"
expect 'a body that unpacks to 100 MB' 413 'larger than 1048576' -H 'Content-Encoding: gzip' --data-binary @<(head -c 100000000 /dev/zero | gzip) "$url/observe"
expect 'a number' 422 'the event is 3' -d 3 "$url/observe"
expect 'an unknown platform' 422 '"out_of_range":["platform"]' -d "${row/\"platform\":\"lambda\"/\"platform\":\"azure\"}" "$url/observe"
expect 'wrong types' 422 '"out_of_range":["platform","sent_at"]' -d "$(sed 's/"platform":"lambda"/"platform":7/; s/"sent_at":[0-9]*/"sent_at":{}/' <<<"$row")" "$url/observe"
expect 'text for a number' 422 '"out_of_range":["response_time_ms"]' -d "${row/\"response_time_ms\":300/\"response_time_ms\":\"300\"}" "$url/observe"
expect 'missing fields' 422 '"missing":["platform","workload_type","sent_at","http_status","response_time_ms"]' -d '{}' "$url/observe"
at() { sed 's/"sent_at":[0-9]*/"sent_at":'"$(($(date +%s%3N) + $1))"/ <<<"${row/a-lambda/at}"; }
expect 'a time to come' 422 's ahead\"' -d "$(at 60000)" "$url/observe"
expect 'a time long ago' 422 's ago\"' -d "$(at -3700000)" "$url/observe"
expect 'an answer to come' 422 '"out_of_range":["response_time_ms"]' -d "$(at 0 | sed 's/"response_time_ms":300/"response_time_ms":60000/')" "$url/observe"
# Nothing of a body is taken if any of it is refused.
expect 'a bad one among good ones' 422 'line 2: missing platform' --data-binary "$(at -1000)"$'\n{}' "$url/observe"
expect 'a wrong method' 405 'Allow: POST' "$url/observe"
expect 'another wrong method' 405 'Allow: GET' -X PUT -d '{}' "$url/state"
known >after
cmp -s before after || fail 'a refused body changed the state'

# Rows with live columns: the same answers from serve and from predict, to the last digit.
for ratio in -0.5 0 0.25 null; do
  printf '{"features":{"payload_size_kb":%s,"live_log_latency_ratio":%s}}\n' 500 "$ratio" 7000 "$ratio"
done >questions.jsonl
echo '{"features":{"payload_size_kb":500}}' >>questions.jsonl
while read -r question; do curl -sS -m 10 -d "$question" "$url/predict"; done <questions.jsonl | sed 's/,"model":.*/}/' >served
"$switchyard" predict --model "$model" --format jsonl questions.jsonl >predicted
cmp -s served predicted && [[ $(wc -l <served) == 9 ]] || fail "served and predicted differ: $(diff served predicted | head -4)"
printf 'payload_size_kb,live_log_latency_ratio\n500,0.25\n500,\n' >rows.csv
printf 'payload_size_kb\n500\n' >short.csv
[[ $("$switchyard" predict --model "$model" rows.csv | cut -d, -f1 | paste -sd' ') == 'recommended_platform lambda ecs' ]] || fail 'live columns in a table'
[[ $("$switchyard" predict --model "$model" short.csv | tail -1 | cut -d, -f1) == ecs ]] || fail 'a table without live columns'

# Many tell and ask at once, and nothing is lost.
for i in $(seq 20); do
  answers ecs 200 50 "many$i" >"many$i.jsonl"
  curl -sS -m 20 --data-binary "@many$i.jsonl" "$url/observe" >"told$i" &
  curl -sS -m 20 -o /dev/null -d "$request" "$url/predict" &
done
wait $(jobs -p | grep -vx "$server")
[[ $(cat told* | grep -o '{"accepted":50,"ignored":0}' | wc -l) == 20 ]] || fail "told at once: $(cat told*)"
stop TERM

# A state outlives the server.
start --state 'kept here/state.json'
[[ -s 'kept here/state.json' ]] || fail 'the state file is there from the start'
curl -sS -m 10 -o /dev/null --data-binary @<(cat lambda.jsonl ecs.jsonl) "$url/observe"
[[ $(asked) == lambda ]] || fail 'before the restart'
known >before
stop TERM
cmp -s before <(tr -d '\n' <'kept here/state.json') || fail 'the file holds the state'
start --state 'kept here/state.json'
known >after
cmp -s before after || fail 'the state after the restart'
[[ $(asked) == lambda ]] || fail 'after the restart'
answers lambda 4000 60 later >later.jsonl
expect 'it learns on' 200 '{"accepted":60,"ignored":0}' --data-binary @later.jsonl "$url/observe"
[[ $(asked) == ecs ]] || fail 'learned after the restart'
stop INT
[[ -z $(find . -name '*.partial') ]] || fail 'a partial file is left'

# A start from the state in a model file, however old: what is normal still holds.
sed "s/\"replay\":\[\]/\"replay\":[],\"live_state\":$(sed 's/17[0-9]\{11\}\(\.[0-9]*\)\?/1763814000000/g' before | sed 's/[\/&]/\\&/g')/" "$model" >trained.json
model=trained.json start
[[ $(asked) == lambda ]] || fail 'a state from training'
expect 'the first answer counts' 200 '{"accepted":1,"ignored":0}' -d "$(answers ecs 100 1 first)" "$url/observe"
[[ $(asked) == lambda ]] || fail 'one answer outweighs training'
stop TERM

# What is no state is not taken for one, and not written over.
refuses() {
  local name=$1 code=$2 text=$3 found
  shift 3
  timeout 5 "$switchyard" serve --model "$model" --port 0 "$@" >refused 2>&1
  found=$?
  [[ $found == "$code" && $(cat refused) == *"$text"* ]] || fail "$name: exit code $found, $(cat refused)"
}
head -c 300 before >torn.json
cp torn.json torn_before.json
refuses 'a torn state' 3 'torn.json' --state torn.json
cmp -s torn.json torn_before.json || fail 'a torn state was written over'
refuses 'another file' 3 '$.format' --state "$model"
sed 's/"last_sent_ms":17[0-9.]*/"last_sent_ms":95617584000000/' before >future.json
refuses 'a state of the future' 3 'which is to come' --state future.json
sed 's/medium_processing/other_processing/' before >other.json
refuses 'a state of another catalogue' 3 '$.workloads' --state other.json
refuses 'a folder' 1 'cannot open' --state .

# A model without live columns has nothing to observe.
model=$here/router_model.json
refuses 'a state for no live model' 2 'no live columns' --state state.json
start
expect 'nothing to observe' 404 'no live columns' --data-binary @lambda.jsonl "$url/observe"
expect 'nothing known' 404 'no live columns' "$url/state"
stop TERM

((failures == 0)) && echo "serve live: all well" || exit 1
