# Shared by the scripts of this folder; sourced, not run.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# ip and others are here, which a plain user's PATH may not name.
export PATH="$PATH:/usr/sbin:/sbin"
log_dir="$root/.cache/logs"
mkdir -p "$log_dir"

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# step TITLE COMMAND...: runs quietly and says how long it took; shows the output when it fails.
step() {
  local title=$1 log status started=$SECONDS
  shift
  log="$log_dir/$(tr -cs 'a-z0-9' '-' <<<"${title,,}")$$.log"
  # Not `if "$@"`: inside a condition bash ignores `set -e` in the functions that are called.
  set +e
  (set -e; "$@") >"$log" 2>&1
  status=$?
  set -e
  if [ "$status" -eq 0 ]; then
    say "  $title ($((SECONDS - started)) s)"
    rm -f "$log"
    return 0
  fi
  say "  $title: FAILED (exit $status)"
  sed 's/^/    | /' "$log"
  rm -f "$log"
  return "$status"
}

apt_quiet() { DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"; }

apt_install() {
  # A fresh machine has no package lists. A source of somebody else's that can't be reached is no reason to
  # stop: what counts is whether the packages come.
  apt_quiet install --no-install-recommends "$@" || { apt_quiet update || true; apt_quiet install --no-install-recommends "$@"; }
}

# ensure_tools WHAT COMMAND:PACKAGE...: installs the packages whose command is missing. A command that starts
# with a slash is a file. Returns 1 where something is missing and it may not install.
ensure_tools() {
  local what=$1 pair packages=()
  shift
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || [ -e "${pair%%:*}" ] || packages+=("${pair#*:}")
  done
  [ ${#packages[@]} -gt 0 ] || return 0
  mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "  missing for $what: ${packages[*]} (as root: apt-get install ${packages[*]})"
    return 1
  fi
  say "Installing Debian packages for $what: ${packages[*]}"
  step "apt-get install" apt_install "${packages[@]}"
}
