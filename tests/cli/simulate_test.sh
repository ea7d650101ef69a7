#!/usr/bin/env bash
# usage: simulate_test.sh SWITCHYARD. What `switchyard simulate` writes, refuses and survives.
set -uo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
source "$here/check.bash"
simulate() { "$switchyard" simulate "$@"; }
lines() { cat "$1"/*/*.jsonl | wc -l; }
# whole FOLDER: every line of its logs is complete
whole() {
  local broken
  broken=$(cat "$1"/*/*.jsonl | grep -vc '^{"request_id":.*}$')
  [[ $broken == 0 && -z $(for log in "$1"/*/*.jsonl; do tail -c 1 "$log" | tr -d '\n'; done) ]] || fail "$1: $broken torn lines"
}

# The same seed writes the same bytes, whatever the locale; every scheduled request has its row.
simulate --out first --scale 0.01 --seed 7 >said || fail 'simulate'
simulate --out again --scale 0.01 --seed 7 >/dev/null && diff -r first again >/dev/null || fail 'the same seed, other bytes'
simulate --out other --scale 0.01 --seed 8 >/dev/null && diff -r first other >/dev/null && fail 'another seed, the same bytes'
if has_german_locale; then
  LC_ALL=de_DE.UTF-8 simulate --out german --scale 0.01 --seed 7 >/dev/null && diff -r first german >/dev/null || fail 'another locale, other bytes'
else
  echo 'skipped: there is no locale de_DE.UTF-8 here'
fi
whole first
written=$(sed -n 's/^simulated \([0-9,]*\) of \([0-9,]*\) requests.*/\1 \2/p' said | tr -d ,)
[[ -n $written && $written == "$(lines first) $(lines first)" ]] || fail "rows and scheduled: $written, $(lines first) lines"
[[ $(cat first/*/*.jsonl | sed 's/^{"request_id":"\([^"]*\)".*/\1/' | sort -u | wc -l) == $(lines first) ]] || fail 'ids are unique'
expect 'its logs are read without loss' 0 "$(sed -n 's/.* of \([0-9,]*\) requests.*/\1/p' said) log rows" \
  "$switchyard" preprocess first --out first.csv --experiment first/experiment.json
grep -A 1 '"dropped"' first.summary.json | grep -q 'malformed\|torn\|unknown' && fail 'rows that preprocess cannot read'
expect 'its experiment file again' 0 'simulated' simulate --out from_file --seed 7 --experiment first/experiment.json
diff -r first from_file >/dev/null || fail 'its own experiment file, other bytes'
expect 'a limit' 0 'simulated 50 of 50' simulate --out limited --limit 10
expect 'one run' 0 'simulated 10 of 10' simulate --out one --limit 10 --run midday_medium_load
[[ $(cd one && echo */) == midday_medium_load/ ]] || fail "one run: $(ls one)"

# Folders.
cp -r first kept
expect 'a folder that is not empty' 2 'folder first is not empty' simulate --out first --scale 0.01
diff -r first kept >/dev/null || fail 'a refused folder is left alone'
expect 'unless forced' 0 'simulated' simulate --out first --scale 0.01 --seed 7 --force
diff -r first kept >/dev/null || fail 'forced: the same bytes'
mkdir empty && expect 'an empty folder' 0 'simulated' simulate --out empty --limit 1
expect 'no folder' 2 '--out is missing' simulate
expect 'a file' 1 'cannot write said: it is not a folder' simulate --out said
expect 'below a file' 1 'cannot write said/logs' simulate --out said/logs
expect 'a folder that takes no files' 1 'cannot write /proc/logs' simulate --out /proc/logs

# Experiment files: errors name file and field.
experiment() { # experiment PATTERN JSON
  printf '%s' "$2" >e.json
  expect "experiment $2" 2 "$1" simulate --out refused --experiment e.json
  [[ ! -e refused ]] || fail "$2: a folder was made"
}
experiment 'e.json: ' '[]'
experiment 'e.json:1' ''
experiment 'e.json:2' '{"name":"x",
  "runs":'
experiment 'colour' '{"colour":1}'
experiment 'e.json: runs[0]' '{"runs":[3]}'
experiment 'e.json: runs[0].phases[0].duration' '{"runs":[{"name":"r","window":"midday","load_pattern":"low_load","start":"2025-11-24T12:00:00Z","phases":[{"duration":-1,"arrivalRate":5}]}]}'
experiment 'e.json: runs[0].phases[0].arrivalRate' '{"runs":[{"name":"r","window":"midday","load_pattern":"low_load","start":"2025-11-24T12:00:00Z","phases":[{"duration":1,"arrivalRate":"much"}]}]}'
experiment 'e.json: runs[0].start' '{"runs":[{"name":"r","window":"midday","load_pattern":"low_load","start":"soon","phases":[{"duration":1,"arrivalRate":5}]}]}'
experiment 'e.json: scenarios[0].weight' '{"scenarios":[{"workload":"heavy_processing","platform":"ecs","weight":-1}]}'
experiment 'e.json: scenarios[0].platform' '{"scenarios":[{"workload":"heavy_processing","platform":"moon","weight":1}]}'
experiment 'e.json: pairing' '{"pairing":"triple"}'
experiment 'e.json: endpoints' '{"endpoints":{"lambda":"ftp://x"}}'
experiment 'e.json: catalogue.timeout_ms' '{"catalogue":{"timeout_ms":0}}'
experiment 'e.json' "$(head -c 100000 /dev/zero | tr '\0' '[')"
expect 'no such file' 1 'cannot open nothing.json' simulate --out refused --experiment nothing.json
expect 'a folder as experiment' 1 'cannot open kept' simulate --out refused --experiment kept

# Options.
for scale in 0 -1 nan inf x; do expect "scale $scale" 2 'scale' simulate --out refused --scale "$scale"; done
expect 'an unknown run' 2 "run 'midnight' is not in the experiment" simulate --out refused --run midnight
expect 'an unknown option' 2 '--colour' simulate --out refused --colour
[[ ! -e refused ]] || fail 'refused options made a folder'

# An interrupt: complete lines, and said so.
timeout --preserve-status -s INT 0.3 "$switchyard" simulate --out stopped --scale 20 >said 2>&1
code=$?
[[ $code == 130 && $(cat said) == *'stopped early'* ]] || fail "an interrupt: exit code $code, $(cat said)"
whole stopped
[[ $(lines stopped) == "$(sed -n 's/^simulated \([0-9,]*\) of .*/\1/p' said | tr -d ,)" ]] || fail 'rows said and written'
timeout --preserve-status -s TERM 0.3 "$switchyard" simulate --out ended --scale 20 >said 2>&1
[[ $? == 143 ]] || fail 'a termination ends with 143'
whole ended

finish simulate
