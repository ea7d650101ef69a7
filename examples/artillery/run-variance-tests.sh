#!/usr/bin/env bash
# Runs one load pattern with Artillery.
#   ./run-variance-tests.sh [variance-test-<pattern>-load.yml] [options for artillery run]
# Without a file it takes the one planned for this hour. Environment:
#   LAMBDA_URL  base address of Lambda  (default: the local stand-in, http://127.0.0.1:8081)
#   ECS_URL     base address of ECS     (default: the local stand-in, http://127.0.0.1:8082)
#   ZONE        zone of the time windows: UTC (default) or an offset such as +05:30
#   LOG_DIR     where the rows go       (default: ./data-output/variance-experiment)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export LAMBDA_URL="${LAMBDA_URL:-http://127.0.0.1:8081}"
export ECS_URL="${ECS_URL:-http://127.0.0.1:8082}"
export ZONE="${ZONE:-UTC}"
export LOG_DIR="${LOG_DIR:-$PWD/data-output/variance-experiment}"

if ! command -v artillery >/dev/null; then
  echo "artillery is not installed: npm install -g artillery" >&2
  exit 2
fi

window="$(cd "$here" && node -p 'require("./variance-functions.js").getTimeWindow(Date.now())')"
if [ $# -gt 0 ]; then
  config="$1"
  shift
else
  case "$window" in
    early_morning | late_night) config=variance-test-low-load.yml ;;
    morning_peak) config=variance-test-ramp-load.yml ;;
    midday) config=variance-test-medium-load.yml ;;
    evening) config=variance-test-burst-load.yml ;;
    *)
      echo "No run is planned for this hour ($ZONE). Name one:" >&2
      (cd "$here" && ls variance-test-*.yml) >&2
      exit 2
      ;;
  esac
fi
if [ ! -f "$config" ]; then config="$here/$(basename "$config")"; fi
if [ ! -f "$config" ]; then
  echo "no such file: $config" >&2
  exit 2
fi

echo "$(basename "$config") to $LAMBDA_URL and $ECS_URL; window $window ($ZONE); rows in $LOG_DIR"
exec artillery run --target "$LAMBDA_URL" --variables "{\"ecs_base\": \"$ECS_URL\"}" "$@" "$config"
