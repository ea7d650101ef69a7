#!/usr/bin/env bash
# The files of examples/artillery with the real Artillery against the stand-ins. usage: artillery_check.sh path/to/switchyard
set -u
switchyard="$(realpath "$1")"
example="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../examples/artillery" && pwd)"
if ! command -v artillery >/dev/null; then
  echo "SKIPPED: artillery is not installed (npm install -g artillery)"
  exit 77
fi
export ARTILLERY_DISABLE_TELEMETRY=true
folder="$(mktemp -d)"
platforms=""
cleanup() {
  [ -n "$platforms" ] && kill -KILL "$platforms" 2>/dev/null
  rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder" || exit 1

fail() {
  echo "FAILED: $*" >&2
  [ -f out ] && tail -20 out >&2
  exit 1
}
start_platforms() {
  "$switchyard" platforms --lambda-port 0 --ecs-port 0 --time-scale 0.05 >ports &
  platforms=$!
  for _ in $(seq 100); do
    [ "$(grep -c listening ports)" -eq 2 ] && break
    sleep 0.05
  done
  LAMBDA_URL="$(sed -n 's/^lambda listening on //p' ports)"
  ECS_URL="$(sed -n 's/^ecs listening on //p' ports)"
  export LAMBDA_URL ECS_URL
}
# run folder config overrides
run() {
  LOG_DIR="$folder/$1" "$example/run-variance-tests.sh" "$2" --overrides "$3" >out 2>&1 || fail "$2: exit code $?"
}
count() { cat "$1"/*/*.jsonl | grep -c -- "$2"; }

start_platforms
run answered variance-test-medium-load.yml '{"config": {"phases": [{"duration": 2, "arrivalRate": 15}]}}'
[ "$(count answered '^{"request_id":"req_[0-9]\{13\}_[0-9a-z]\{9\}","platform":"\(lambda\|ecs\)".*}$')" -eq 30 ] || fail "expected 30 rows"
[ "$(count answered '"error_class":"none"')" -gt 20 ] || fail "most requests should succeed"
for key in workload_type timestamp http_status response_time_ms target_payload_size_kb actual_payload_size_kb time_window \
  load_pattern metrics sent_at done_at error_class; do
  [ "$(count answered "\"$key\":")" -eq 30 ] || fail "rows without $key"
done
[ "$(count answered '"load_pattern":"medium_load"')" -eq 30 ] || fail "the load pattern is lost"
cat answered/*/*.jsonl | grep -E '"target_payload_size_kb":(8192|10240)' | grep '"platform":"lambda"' |
  grep -v '"http_status":413' | grep -qv '"http_status":500' && fail "over 6 MB to Lambda must answer 413"

# Answers that come too late, from ports that are open; then nothing on the ports.
run late variance-test-low-load.yml '{"config": {"phases": [{"duration": 2, "arrivalRate": 5}], "http": {"timeout": 0.005}}}'
[ "$(count late '"error_class":"timeout"')" -eq 10 ] || fail "expected 10 rows with timeout"
kill -TERM "$platforms"
wait "$platforms"
platforms=""
run refused variance-test-burst-load.yml '{"config": {"phases": [{"duration": 2, "arrivalRate": 5}]}}'
[ "$(count refused '"error_class":"connect"')" -eq 10 ] || fail "expected 10 rows with connect"

if "$switchyard" --help | grep -q preprocess; then
  "$switchyard" preprocess answered late refused --out dataset.csv >out 2>&1 || fail "preprocess: exit code $?"
fi
echo "artillery: all well"
