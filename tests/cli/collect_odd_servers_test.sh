#!/usr/bin/env bash
# What the collector makes of servers that misbehave. usage: collect_odd_servers_test.sh path/to/switchyard
set -u
switchyard="$(realpath "$1")"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/odd_servers.bash"

start trickle trickle
collect "http://127.0.0.1:$port" trickle --timeout 1
all trickle timeout
longest="$(cat trickle/*/*.jsonl | grep -oE '"response_time_ms":[0-9]+' | cut -d: -f2 | sort -n | tail -1)"
[ "$longest" -lt 3000 ] || fail "a trickling server held a request for $longest ms at a limit of 1000 ms"

start early early413
collect "http://127.0.0.1:$port" early
all early too_large

start drop drop
collect "http://127.0.0.1:$port" drop
all drop broken

start garbage garbage
collect "http://127.0.0.1:$port" garbage
all garbage broken

start chunked chunked
collect "http://127.0.0.1:$port" chunked
all chunked none
echo "odd servers: all well"
