# Sourced by tests of the collector: servers that misbehave, ten requests to them, and what their rows say.
# Expects $switchyard and $here; works in a folder of its own.
for tool in python3 openssl; do
  if ! command -v "$tool" >/dev/null; then
    echo "SKIPPED: $tool is not installed"
    exit 77
  fi
done
folder="$(mktemp -d)"
servers=()
cleanup() {
  [ ${#servers[@]} -gt 0 ] && kill -KILL "${servers[@]}" 2>/dev/null
  rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder" || exit 1

fail() {
  echo "FAILED: $*" >&2
  for file in out err; do [ -f "$file" ] && sed "s/^/  $file: /" "$file" >&2; done
  exit 1
}
# start name mode [certificate key]: sets `port`
start() {
  local name=$1
  shift
  python3 "$here/odd_server.py" "$@" >"$name.port" 2>"$name.err" &
  servers+=($!)
  disown
  for _ in $(seq 200); do
    [ -s "$name.port" ] && break
    sleep 0.05
  done
  port="$(cat "$name.port")"
}
# Ten requests to both platforms; the largest bodies among them are of 10 MB.
# Exit code 1 is for a run of which nothing arrived, which the error classes of its rows must then say.
collect() {
  local code=0
  "$switchyard" collect --lambda-url "$1" --ecs-url "$1" --run midday_medium_load --limit 10 --out "$2" "${@:3}" >out 2>err ||
    code=$?
  local unreached
  unreached="$(cat "$2"/*/*.jsonl | grep -c '"error_class":"connect"')"
  [ "$code" -eq "$((unreached == 10))" ] || fail "$2: exit code $code"
  [ "$(cat "$2"/*/*.jsonl | wc -l)" -eq 10 ] || fail "$2: expected 10 rows"
}
all() {
  [ "$(cat "$1"/*/*.jsonl | grep -c "\"error_class\":\"$2\"")" -eq 10 ] || {
    cat "$1"/*/*.jsonl >&2
    fail "$1: expected 10 times $2"
  }
}
