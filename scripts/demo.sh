#!/usr/bin/env bash
# The main job, end to end, on a real stream: sets up everything, builds dist/rscap, encodes a test stream with
# ffmpeg, sends it in real time (rscap replay --send) as multicast over a veth pair between two network namespaces of its own (over loopback where
# that isn't permitted), runs probe and client, and compares what arrived with what was sent.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

group=239.255.10.1
port=5000
seconds=${RSCAP_DEMO_SECONDS:-10}
muxrate=2300000
rscap="$root/dist/rscap"
out="$root/.cache/demo"

# --- inside the namespaces ----------------------------------------------------------------------------------

pids=()
stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
}

# Waits until a command succeeds, at most ten seconds.
wait_for() {
  local what=$1 i
  shift
  for ((i = 0; i < 100; i++)); do
    "$@" && return 0
    sleep 0.1
  done
  die "$what did not happen within 10 s; see $out"
}

# True when a TCP connection to the port (hexadecimal) stands, from the kernel's table.
client_connected() {
  kill -0 "$probe" 2>/dev/null || die "the probe has ended; it says why above"
  awk -v port=":$1" '$3 ~ port"$" && $4 == "01" { found = 1 } END { exit !found }' /proc/net/tcp
}

make_veth() {
  unshare --net sleep 600 &
  sender_ns=$!
  pids+=("$sender_ns")
  # The sender's namespace is there once it differs from ours.
  wait_for "the sender's namespace" eval '[ "$(readlink /proc/$sender_ns/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
  ip link set lo up
  ip link add demo-rx type veth peer name demo-tx netns "$sender_ns"
  ip addr add 10.77.0.2/24 dev demo-rx
  ip link set demo-rx up
  nsenter --net --target "$sender_ns" ip addr add 10.77.0.1/24 dev demo-tx
  nsenter --net --target "$sender_ns" ip link set demo-tx up
}

# A constant-rate stream of $seconds s, faster than real time. With ffmpeg's own delay of 0.7 s and its large audio
# PES packets the stream would overflow the reference decoder's buffers (TR 101 290 3.3), and rscap would say so.
make_stream() {
  say
  say "\$ ffmpeg … sent.ts   ($seconds s of AVC video and audio at $((muxrate / 1000)) kb/s)"
  ffmpeg -nostdin -v error \
    -f lavfi -i "testsrc2=size=720x576:rate=25" -f lavfi -i "sine=frequency=440:sample_rate=48000" -t "$seconds" \
    -map 0:v -map 1:a -c:v libx264 -pix_fmt yuv420p -b:v 1500k -maxrate 1500k -bufsize 150k -bf 0 -g 25 -c:a mp2 -b:a 192k \
    -f mpegts -muxrate "$muxrate" -muxdelay 0.13 -muxpreload 0.13 -pes_payload_size 0 sent.ts || die "ffmpeg can't make the stream"
}

inside() {
  local network=$1 device=lo sender_device=lo target_port=5556 sender=() status=0
  trap stop_all EXIT
  # Somebody may use the usual port here; in namespaces of our own nobody does.
  [ "$network" = veth ] || target_port=$((20000 + RANDOM % 10000))
  if [ "$network" = veth ]; then
    make_veth
    device=demo-rx sender_device=demo-tx sender=(nsenter --net --target "$sender_ns")
  fi

  cd "$out"
  make_stream
  say
  say "\$ rscap client --output-file capture.ts"
  "$rscap" client --target-port "$target_port" --output-file capture.ts --no-progress >client.log 2>&1 &
  local client=$!
  pids+=("$client")
  say "\$ rscap probe --source 'udp://$group:$port?iface=$device'"
  say
  "$rscap" probe --source "udp://$group:$port?iface=$device" --target-port "$target_port" --log-interval 2s &
  probe=$!
  pids+=("$probe")
  wait_for "the connection of the client to the probe" client_connected "$(printf '%04X' "$target_port")"
  # Its subscription is on the way.
  sleep 0.5

  "${sender[@]}" "$rscap" replay sent.ts --send "udp://$group:$port?iface=$sender_device&ttl=1" \
    --report none --no-progress --quiet || die "the stream can't be sent"
  # Long enough for the last packets, too short for the silence to count as an error (TR 101 290 1.3: 0.5 s).
  sleep 0.3
  kill -TERM "$probe"
  wait "$probe" || status=$?
  kill -TERM "$client"
  wait "$client" || true
  pids=("${sender_ns:-$client}")

  # The stream is over before the probe is, and a probe can't know that it was meant to be.
  say "  (The stream ended before the probe did: no PCR for over 100 ms is what TR 101 290 2.3.a calls an error.)"
  say
  say "\$ ffprobe capture.ts"
  ffprobe -v error -show_entries "format=format_name,duration:program=program_id:stream=id,codec_type,codec_name,width,height,sample_rate" \
    -of compact=nokey=0 capture.ts | sed -n 's/|side_data|*$//; /^program/d; p' | sort -u
  say
  if cmp sent.ts capture.ts; then
    say "Verdict: capture.ts is, octet for octet, what was sent: $(($(stat -c %s capture.ts) / 188)) TS packets ($(stat -c %s capture.ts) octets)."
  else
    say "Verdict: FAILED. sent.ts has $(stat -c %s sent.ts) octets, capture.ts $(stat -c %s capture.ts); the probe ended with code $status."
    sed 's/^/  client: /' client.log
    return 1
  fi
  say "Both files: $out"
}

if [ "${1:-}" = --inside ]; then
  inside "$2"
  exit
fi

# --- setup, then into the namespaces ------------------------------------------------------------------------

"$root/scripts/setup.sh"
ensure_tools "the demo" ffmpeg:ffmpeg ip:iproute2 cmp:diffutils awk:mawk || die "the demo needs the packages above"
"$root/scripts/native.sh"
step "build dist/rscap" "$(cat "$root/.cache/bun/path")" "$root/scripts/build.ts"
rm -rf "$out"
mkdir -p "$out"

# --kill-child: nothing outlives the demo, and with the last process the namespaces go.
try_veth='ip link add demo-try type veth peer name demo-try2 && unshare --net true'
if unshare --net --fork sh -c "$try_veth" 2>/dev/null; then
  say "Network: a veth pair between two network namespaces of the demo"
  exec unshare --net --fork --kill-child "${BASH_SOURCE[0]}" --inside veth
elif unshare --user --map-root-user --net --fork sh -c "$try_veth" 2>/dev/null; then
  say "Network: a veth pair between two network namespaces of the demo, in a user namespace (not root)"
  exec unshare --user --map-root-user --net --fork --kill-child "${BASH_SOURCE[0]}" --inside veth
fi
say "Network: loopback, because network namespaces aren't permitted here"
inside loopback
