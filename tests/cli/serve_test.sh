#!/usr/bin/env bash
# usage: serve_test.sh SWITCHYARD. What `switchyard serve` answers, refuses and survives, over real connections.
set -uo pipefail

. "$(dirname -- "$0")/serving.bash"
model=$here/router_model.json
request='{"workload_type":"thumbnail_processing","payload_size_kb":500,"time_window":"midday","load_pattern":"medium_load","timestamp":"2025-11-24T12:00:00Z"}'

start
expect 'alive' 200 '"live":true' "$url/livez"
expect 'ready' 200 '"ready":true' "$url/readyz"
expect 'a decision' 200 '"reason":"model","model":"gradient_boosting-' -d "$request" "$url/predict"
expect 'a familiar request' 200 '"out_of_range":[]' -d "$request" "$url/predict"
expect 'an unfamiliar request' 200 '"out_of_range":["load_pattern_encoded"]' -d '{"workload_type":"medium_processing","payload_size_kb":5000}' "$url/predict"
expect 'too large for Lambda' 200 '"ecs_probability":1,"reason":"infeasible"' -d '{"workload_type":"heavy_processing","payload_size_kb":8192}' "$url/predict"
expect 'no JSON' 400 'not JSON' -d 'payload=3' "$url/predict"
expect 'NaN' 400 'not JSON' -d '{"features":{"hour_of_day":NaN}}' "$url/predict"
expect 'a huge number' 400 'overflow' -d '{"features":{"hour_of_day":1e999}}' "$url/predict"
expect 'no body' 400 'no body' -d '' "$url/predict"
expect 'deep nesting' 400 'nested deeper' --data-binary @<(head -c 500000 /dev/zero | tr '\0' '[') "$url/predict"
expect 'ill-formed UTF-8' 400 'not JSON' --data-binary @<(printf '{"\xff\xfe":1}') "$url/predict"
expect 'a list' 422 'expected an object' -d '[]' "$url/predict"
expect 'missing features' 422 '"missing":["workload_type_encoded","payload_size_kb"' -d '{"features":{}}' "$url/predict"
expect 'unknown features' 422 '"unknown":["colour"]' -d '{"features":{"colour":3}}' "$url/predict"
expect 'text for a number' 422 '"out_of_range":["hour_of_day"]' -d '{"features":{"hour_of_day":"12"}}' "$url/predict"
expect 'bad fields' 422 '"out_of_range":["workload_type","payload_size_kb","timestamp"]' -d '{"workload_type":"x","payload_size_kb":-1,"timestamp":"soon"}' "$url/predict"
expect 'a body of 2 MB' 413 'larger than 1048576' --data-binary @<(head -c 2000000 /dev/zero | tr '\0' a) "$url/predict"
expect 'a chunked body of 2 MB' 413 'larger than 1048576' -H 'Transfer-Encoding: chunked' --data-binary @<(head -c 2000000 /dev/zero | tr '\0' a) "$url/predict"
expect 'a body that unpacks to 100 MB' 413 'larger than 1048576' -H 'Content-Encoding: gzip' --data-binary @<(head -c 100000000 /dev/zero | gzip) "$url/predict"
expect 'a form' 415 'send the JSON itself' -F a=b "$url/predict"
expect 'an unknown path' 404 '"error"' "$url/nothing"
expect 'a wrong method' 405 'Allow: POST' "$url/predict"
expect 'another wrong method' 405 'Allow: GET' -X PUT -d '{}' "$url/readyz"

# The same rows through predict and through HTTP: the same answers to the last digit.
for i in $(seq 40); do
  workloads=(lightweight_api thumbnail_processing medium_processing heavy_processing)
  printf '{"workload_type":"%s","payload_size_kb":%s.%s,"load_pattern":"ramp_load","timestamp":"2025-11-%02dT%02d:00:00Z"}\n' \
    "${workloads[i % 4]}" $((i * i * 5)) "$i" $((i % 28 + 1)) $((i % 24))
done >questions.jsonl
while read -r question; do curl -sS -m 10 -d "$question" "$url/predict"; done <questions.jsonl | sed 's/,"model":.*/}/' >served
"$switchyard" predict --model "$model" --format jsonl questions.jsonl >predicted
cmp -s served predicted && [[ $(wc -l <served) == 40 ]] || fail "served and predicted differ: $(diff served predicted | head -4)"

# A hundred slow clients hold nobody up, and do not keep the server from ending.
port=${url##*:}
for descriptor in $(seq 100 199); do
  eval "exec $descriptor<>/dev/tcp/127.0.0.1/$port" && printf 'POST /predict HTTP/1.1\r\nContent-Length: 50\r\n\r\n{' >&"$descriptor" ||
    fail "slow client $descriptor"
done
expect 'between slow clients' 200 '"confidence"' -d "$request" "$url/predict"
for descriptor in $(seq 100 199); do eval "exec $descriptor>&-"; done
for _ in $(seq 100); do curl -sS -m 10 -o /dev/null -w '%{http_code}\n' -d "$request" "$url/predict" & done >statuses
wait $(jobs -p | grep -vx "$server")
[[ $(grep -c '^200$' statuses) == 100 ]] || fail "100 clients at once: $(sort statuses | uniq -c)"

timeout 5 "$switchyard" serve --model "$model" --port "$port" >taken 2>&1
[[ $? == 1 && $(cat taken) == *"cannot listen"* ]] || fail "a taken port: $(cat taken)"
stop TERM

start --drain-delay 2
kill -INT "$server"
sleep 0.3
expect 'draining' 503 '"ready":false' "$url/readyz"
expect 'answers while draining' 200 '"confidence"' -d "$request" "$url/predict"
stop INT

"$switchyard" serve --model questions.jsonl --port 0 >bad 2>&1
[[ $? == 3 ]] || fail "a bad model: $(cat bad)"
"$switchyard" serve --port 0 >bad 2>&1
[[ $? == 2 ]] || fail "no model: $(cat bad)"

((failures == 0)) && echo "serve: all well" || exit 1
