# shellcheck shell=bash
# Sourced by the scripts that build programs for the cache. Sets: say, fail, and a scratch folder that goes with the script.

scratch=
say() { printf '%s: %s\n' "$(basename "${BASH_SOURCE[-1]}" .sh)" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
cleanup() {
  [ -z "$scratch" ] && return 0
  chmod -R u+w "$scratch" 2>/dev/null || true # Go's module cache is read-only
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
