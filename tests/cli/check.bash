# Sourced by the tests of commands, whose $1 is the switchyard executable: a folder of one's own, checks that count
# their failures, and logs to read.

switchyard=$(realpath -- "$1")
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
failures=0

fail() {
  printf 'FAILED %s\n' "$*"
  failures=$((failures + 1))
}

# expect NAME CODE PATTERN COMMAND...: the exit code, and a fixed text in what was printed on either stream
expect() {
  local name=$1 code=$2 pattern=$3 output found
  shift 3
  output=$("$@" 2>&1 </dev/null | tr -d '\0'; exit "${PIPESTATUS[0]}")
  found=$?
  [[ $found == "$code" && $output == *"$pattern"* ]] ||
    fail "$name: exit code $found (expected $code with '$pattern'), printed: ${output:0:600}"
}

# same NAME FILE FILE: both hold the same bytes
same() {
  cmp -s -- "$2" "$3" || fail "$1: $(diff -- "$2" "$3" 2>&1 | head -5 | cut -c 1-300)"
}

has_german_locale() {
  locale -a 2>/dev/null | grep -qi '^de_DE\.utf-\?8$'
}

# measurements ROWS: log rows of both platforms in two runs a day apart, a second between requests. A row of Lambda
# and the next one of ECS are of one size; which of them is better depends on size, hour and a little chance.
measurements() {
  awk -v rows="$1" 'BEGIN {
    split("0.5 5 50 500 1024 3072", sizes)
    split("lightweight_api lightweight_api thumbnail_processing thumbnail_processing medium_processing heavy_processing", workloads)
    for (i = 0; i < rows; ++i) {
      pair = int(i / 2)
      cell = 1 + pair % 6
      later = i >= rows / 2
      hour = later ? 12 : 2
      second = later ? i - int(rows / 2) : i
      day = later ? 23 : 22
      clock = sprintf("2025-11-%02dT%02d:%02d:%02d", day, hour + int(second / 3600), int(second / 60) % 60, second % 60)
      chance = (pair * 7919) % 101
      # Lambda is the slow one for large bodies, and for small ones when chance has it.
      slow = cell > 3 ? chance > 25 : chance > 70
      lambda = i % 2 == 0
      response = lambda ? 300 + 400 * slow : 500
      execution = lambda ? 20 + 4000 * slow : 200 + 100 * cell
      printf "{\"request_id\":\"r%d\",\"platform\":\"%s\",\"workload_type\":\"%s\",\"timestamp\":\"%s.500Z\",\"http_status\":200,", \
        i, lambda ? "lambda" : "ecs", workloads[cell], clock
      printf "\"response_time_ms\":%d,\"target_payload_size_kb\":%s,\"time_window\":\"%s\",\"load_pattern\":\"%s\",", \
        response, sizes[cell], later ? "midday" : "early_morning", later ? "medium_load" : "low_load"
      printf "\"metrics\":{\"execution_time_ms\":%d%s},\"sent_at\":\"%s.000Z\"}\n", \
        execution, lambda ? ",\"memory_limit_mb\":\"256\",\"cold_start\":false" : ",\"cpu_percent\":0", clock
    }
  }'
}

# finish NAME: the last line of a test
finish() {
  ((failures == 0)) || { echo "$1: $failures failures"; exit 1; }
  echo "$1: all well"
}
