# Sourced by the tests of `switchyard serve`, whose $1 is the switchyard executable: a folder of one's own, a server that
# is started and stopped, and questions to it.

switchyard=$(realpath -- "$1")
here=$(cd -- "$(dirname -- "$0")" && pwd)
if ! command -v curl >/dev/null; then
  echo 'skipped: curl is not installed'
  exit 77
fi
work=$(mktemp -d)
cd -- "$work" || exit 1
server=
trap '[[ -n $server ]] && kill -KILL "$server" 2>/dev/null; rm -rf -- "$work"' EXIT
failures=0

fail() {
  printf 'FAILED %s\n' "$*"
  failures=$((failures + 1))
}
# start [ARGS]: a server of $model on a free port; sets server and url
start() {
  rm -f started  # of the server before
  "$switchyard" serve --model "$model" --port 0 "$@" >started 2>errors &
  server=$!
  local _
  for _ in $(seq 200); do
    [[ -e started && $(wc -l <started) -gt 0 ]] && break  # the whole line
    sleep 0.05
  done
  url=$(sed -n 's/^serving gradient_boosting model (gradient_boosting-[0-9a-f]\{12\}) on \(http:.*\)$/\1/p' started)
  [[ -n $url ]] || { fail "start: $(cat started errors)"; exit 1; }
}
# stop SIGNAL: the server must end with 0
stop() {
  kill "-$1" "$server"
  wait "$server"
  local code=$?
  server=
  [[ $code == 0 ]] || fail "exit code $code after SIG$1"
}
# expect NAME STATUS TEXT CURL_ARGS...: a fixed text in headers or body
expect() {
  local name=$1 status=$2 text=$3 answer
  shift 3
  answer=$(curl -sS -m 10 -i -w '\nstatus %{http_code}' "$@" 2>&1)
  [[ $answer == *"status $status" && $answer == *"$text"* ]] || fail "$name: expected $status $text, got: ${answer:0:600}"
}
