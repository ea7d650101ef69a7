#!/usr/bin/env bash
# The collector over TLS: certificates are checked unless told otherwise. usage: collect_tls_test.sh path/to/switchyard
set -u
switchyard="$(realpath "$1")"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/odd_servers.bash"

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 1 -subj /CN=elsewhere \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null || fail "openssl made no certificate"
start tls chunked certificate.pem key.pem
collect "https://127.0.0.1:$port/prod" strict
all strict connect
collect "https://127.0.0.1:$port/prod" lax --insecure
all lax none
SSL_CERT_FILE="$folder/certificate.pem" collect "https://127.0.0.1:$port" trusted
all trusted none
SSL_CERT_FILE="$folder/certificate.pem" collect "https://localhost:$port" misnamed
all misnamed connect
start tls_trickle trickle certificate.pem key.pem
collect "https://127.0.0.1:$port" tls_trickle --insecure --timeout 1
all tls_trickle timeout
"$switchyard" collect --check --lambda-url "https://127.0.0.1:$port" --ecs-url "http://127.0.0.1:1" --timeout 5 >out 2>err &&
  fail "--check must refuse an untrusted certificate"
grep -q 'self.signed' out || fail "--check should name the certificate's fault"
echo "tls: all well"
