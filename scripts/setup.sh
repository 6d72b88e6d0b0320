#!/usr/bin/env bash
# Gets the pinned Bun from npm into .cache/bun and the packages into node_modules. Needs npm and nothing else;
# does nothing when all is there. Leaves the path of Bun in .cache/bun/path.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bun_version=1.4.5

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=@oven/bun-linux-x64 ;;
  Linux-aarch64) package=@oven/bun-linux-aarch64 ;;
  *) die "no Bun for $(uname -s) $(uname -m) here; x86_64 and aarch64 Linux are supported" ;;
esac
bun="$root/.cache/bun/node_modules/$package/bin/bun"

install_bun() {
  command -v npm >/dev/null || die "npm is missing: apt-get install npm"
  mkdir -p "$root/.cache/bun"
  # The platform's own package holds the executable itself, so no postinstall script has to run.
  npm install --prefix "$root/.cache/bun" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund \
    --loglevel=error "$package@$bun_version"
  chmod +x "$bun"
}

install_packages() { cd "$root" && "$bun" install --frozen-lockfile --ignore-scripts; }

if [ "$("$bun" --version 2>/dev/null || true)" != "$bun_version" ]; then
  say "Installing Bun $bun_version from npm ($package) into .cache/bun"
  step "npm install" install_bun
fi
printf '%s' "$bun" >"$root/.cache/bun/path"

# A stamp of the lock file tells whether node_modules is what it says.
stamp="$root/node_modules/.rscap-lock"
lock="$(sha256sum "$root/bun.lock" "$root/package.json" | cut -c1-64 | tr -d '\n')"
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$lock" ]; then
  say "Installing the packages of bun.lock into node_modules"
  step "bun install --frozen-lockfile" install_packages
  printf '%s' "$lock" >"$stamp"
fi
say "Setup: Bun $("$bun" --version), packages ready"
