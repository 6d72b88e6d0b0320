#!/usr/bin/env bash
# Makes dist/rscap, one executable that needs libc alone. Sets up Bun, the packages and the native libraries first.
# Options go to build.ts: --entry FILE, --outfile FILE.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$root/scripts/setup.sh"
"$root/scripts/native.sh"
exec "$(cat "$root/.cache/bun/path")" "$root/scripts/build.ts" "$@"
