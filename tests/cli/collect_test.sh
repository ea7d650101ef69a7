#!/usr/bin/env bash
# Real stand-ins, a real collector, real sockets. usage: collect_test.sh path/to/switchyard
set -u
switchyard="$(realpath "$1")"
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
  for file in out err; do [ -f "$file" ] && sed "s/^/  $file: /" "$file" >&2; done
  exit 1
}
rows() { cat "$1"/*/*.jsonl | wc -l; }
class() { cat "$1"/*/*.jsonl | grep -c "\"error_class\":\"$2\""; }
collect() { "$switchyard" collect "${urls[@]}" "$@" >out 2>err; }
# Every row whole, every number of the schedule once.
whole() {
  local n=$2
  [ "$(rows "$1")" -eq "$n" ] || fail "$1: $(rows "$1") rows, expected $n"
  [ "$(cat "$1"/*/*.jsonl | grep -cE '^\{"request_id":.*\}$')" -eq "$n" ] || fail "$1: a torn row"
  [ "$(cat "$1"/*/*.jsonl | grep -oE '"seq":[0-9]+' | sort -u | wc -l)" -eq "$n" ] || fail "$1: a seq twice"
}

"$switchyard" platforms --lambda-port 0 --ecs-port 0 --time-scale 0.02 --no-network --lambda-error-rate 0 >ports 2>platforms.err &
platforms=$!
for _ in $(seq 100); do
  [ "$(grep -c listening ports)" -eq 2 ] && break
  sleep 0.05
done
lambda="$(sed -n 's/^lambda listening on //p' ports)"
ecs="$(sed -n 's/^ecs listening on //p' ports)"
urls=(--lambda-url "$lambda/prod" --ecs-url "$ecs")

timeout 5 "$switchyard" platforms --lambda-port "${lambda##*:}" --ecs-port 0 >out 2>err && fail "a port that is taken must be refused"
grep -q 'taken' err || fail "a port that is taken: the message should say so"

collect --check || fail "--check: exit code $?"
[ "$(grep -c ' ok ' out)" -eq 8 ] || fail "--check: expected 8 lines with ok"

collect --run midday_medium_load --planned-window --limit 40 --out logs || fail "collect: exit code $?"
whole logs 40
[ "$(class logs none)" -gt 20 ] || fail "most requests should succeed"
[ -d logs/midday_medium_load ] || fail "no folder logs/midday_medium_load"
for row in $(grep -h '"error_class":"too_large"' logs/*/* | grep -oE '"platform":"[a-z]+","workload_type":"[a-z_]+"'); do
  [ "$row" = '"platform":"lambda","workload_type":"heavy_processing"' ] || fail "too large: $row"
done
cat logs/*/* | grep -E '"target_payload_size_kb":(8192|10240)' | grep '"platform":"lambda"' | grep -vq '"http_status":413' &&
  fail "over 6 MB to Lambda must answer 413"

# Starts a run of 100 requests in $1, sends it signal $2 after some rows, and waits for it: sets `code`.
interrupted() {
  "$switchyard" collect "${urls[@]}" --run midday_medium_load --limit 100 --out "$1" >out 2>err &
  local pid=$!
  for _ in $(seq 100); do
    [ "$(rows "$1" 2>/dev/null)" -gt 5 ] && break
    sleep 0.05
  done
  kill "$2" $pid
  wait $pid 2>/dev/null
  code=$?
}

# The same seed asks for the same things.
collect --run midday_medium_load --planned-window --limit 40 --out again || fail "collect again: exit code $?"
plan() { cat "$1"/*/* | grep -oE '("platform|"workload_type|"target_payload_size_kb|"seq)":[^,]+' | paste -d, - - - - | sort; }
[ "$(plan logs)" = "$(plan again)" ] || fail "two runs of one seed differ"

# A first interrupt stops arrivals and drains: as many rows as were scheduled.
interrupted stopped -INT
[ $code -eq 130 ] || fail "interrupted: exit code $code, expected 130"
whole stopped 100
[ "$(class stopped not_sent)" -gt 20 ] || fail "interrupted: too few not_sent"
[ "$(class stopped none)" -gt 0 ] || fail "interrupted: nothing was sent"

# A kill loses the rows to come and no other.
interrupted killed -KILL
whole killed "$(rows killed)"
[ "$(rows killed)" -gt 0 ] || fail "killed: no rows at all"

# A request limit shorter than any answer.
collect --run midday_medium_load --limit 10 --timeout 0.001 --out late || fail "time-outs: exit code $?"
whole late 10
[ "$(class late timeout)" -eq 10 ] || fail "expected 10 time-outs"

kill -TERM "$platforms"
wait "$platforms" || fail "platforms: exit code $? after SIGTERM"
platforms=""
code=0
collect --run midday_medium_load --limit 10 --out refused || code=$?
[ "$code" -eq 1 ] || fail "no platform there: exit code $code, expected 1"
grep -q 'no request reached' err || fail "no platform there: it should say so"
whole refused 10
[ "$(class refused connect)" -eq 10 ] || fail "expected 10 refused connections"
collect --check && fail "--check against nothing must fail"
grep -q 'refused' out || fail "--check should say that the connection was refused"

collect --run nonsense --out x
code=$?
[ $code -eq 2 ] || fail "an unknown run: exit code $code, expected 2"
grep -q 'early_morning_low_load' err || fail "an unknown run: the message should list the runs"
echo "collect: all well"
