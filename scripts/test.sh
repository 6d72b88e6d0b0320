#!/usr/bin/env bash
# Sets up everything and runs all checks and tests. Ends with one line: N passed, N failed, N skipped. A step
# that fails before the tests counts as one failure. Options go to `bun test`, such as a folder or -t
# PATTERN; coverage is judged only when all tests run.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

failed_steps=0
checked() { step "$@" || failed_steps=$((failed_steps + 1)); }
give_up() {
  say "$1"
  say "0 passed, 1 failed, 0 skipped"
  exit 1
}

"$root/scripts/setup.sh" || give_up "Setup failed, no tests were run."
bun="$(cat "$root/.cache/bun/path")"
export PATH="${bun%/*}:$PATH"
cd "$root"

ensure_tools "the tests (those that need them are skipped otherwise)" ffmpeg:ffmpeg tshark:tshark \
  tcpdump:tcpdump tcpreplay:tcpreplay ip:iproute2 objdump:binutils git:git gnuplot:gnuplot-nox sqlite3:sqlite3 capnp:capnproto \
  kcat:kcat nginx:nginx-light chromium:chromium openssl:openssl curl:curl promtool:prometheus \
  /usr/lib/python3/dist-packages/zmq:python3-zmq gst-launch-1.0:gstreamer1.0-tools \
  "/usr/lib/$(uname -m)-linux-gnu/gstreamer-1.0/libgstvideotestsrc.so:gstreamer1.0-plugins-base" \
  "/usr/lib/$(uname -m)-linux-gnu/gstreamer-1.0/libgstrtp.so:gstreamer1.0-plugins-good" \
  "/usr/lib/$(uname -m)-linux-gnu/gstreamer-1.0/libgstmpegtsdemux.so:gstreamer1.0-plugins-bad" || true
"$root/scripts/kafka.sh" || true
"$root/scripts/native.sh" || failed_steps=$((failed_steps + 1))

say "Checks"
# --bun: the tools are written for Node, which may be older here than they like.
checked "Biome: format and lint" "$bun" --bun run biome check --error-on-warnings .
checked "tsc: types" "$bun" --bun run tsc --noEmit
rm -f dist/rscap
checked "build dist/rscap" "$bun" scripts/build.ts
# Without it the tests that cross rooms run the source.
[ ! -x dist/rscap ] || export RSCAP_BIN="$root/dist/rscap"

say "Tests"
export RSCAP_SKIPS_LISTED=1
results="$root/.cache/results"
rm -rf "$results"
mkdir -p "$results"
status=0
coverage=()
[ $# -gt 0 ] || coverage=(--coverage --coverage-reporter=lcov --coverage-dir="$results")
# Five seconds, the usual limit for a test, are too few on a machine that is busy with others.
"$bun" test --timeout 30000 --only-failures --reporter=junit --reporter-outfile="$results/junit.xml" "${coverage[@]}" "$@" || status=$?
exec "$bun" scripts/summarize.ts "$results/junit.xml" "$status" "$failed_steps" ${coverage[0]+"$results/lcov.info"}
