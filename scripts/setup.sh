#!/usr/bin/env bash
# Brings what a target needs, and nothing that is there already.
#   setup.sh node   npm packages, and with them Node itself
#   setup.sh lab    the above, Debian packages of the lab, Kubernetes' binaries
#   setup.sh peers  the above, and the routers that BGP is tested against
# Safe to repeat: the second run takes well under a second.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

# One set-up at a time in one work tree.
mkdir -p .build
if command -v flock >/dev/null; then
  exec 9>.build/setup.lock
  flock 9
fi

level=${1:-node}
case "$level" in node | lab | peers) ;; *) stop "usage: scripts/setup.sh node|lab|peers" ;; esac

# What is looked for (a command, or a file when it begins with a slash) and the Debian package that brings it.
build_needs="gcc:build-essential g++:build-essential make:build-essential python3:python3 /usr/include/pcap/pcap.h:libpcap-dev"
lab_needs="etcd:etcd-server ip:iproute2 nft:nftables conntrack:conntrack arping:iputils-arping ndisc6:ndisc6
  ping:iputils-ping tcpdump:tcpdump curl:curl openssl:openssl setpriv:util-linux unshare:util-linux nsenter:util-linux
  sysctl:procps bird:bird2"
peer_needs="/usr/lib/frr/bgpd:frr vtysh:frr gobgp:gobgpd"

missing_packages() {
  local need what
  for need in "$@"; do
    what=${need%%:*}
    case "$what" in
      /*) [ -e "$what" ] || printf '%s\n' "${need##*:}" ;;
      *) PATH="$PATH:/usr/sbin:/sbin" command -v "$what" >/dev/null || printf '%s\n' "${need##*:}" ;;
    esac
  done | sort -u
}

install_packages() {
  local packages service
  packages=$(missing_packages "$@" | tr '\n' ' ')
  packages=${packages% }
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null ||
    stop "these programs are needed and this machine has no apt-get to bring them; install what Debian calls: $packages"
  [ "$(id -u)" = 0 ] ||
    stop "some Debian packages are missing; run: sudo apt-get update && sudo apt-get install -y --no-install-recommends $packages"
  say "installing Debian packages: $packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update >/dev/null || stop "apt-get update failed; check this machine's package sources, then try again."
  # shellcheck disable=SC2086 # a list of words
  apt-get -qq install -y --no-install-recommends $packages >/dev/null ||
    stop "apt-get could not install: $packages"
  # Debian starts etcd and the routers with their packages; the lab runs its own, and nobody asked for a service.
  [ -d /run/systemd/system ] || return 0
  for service in etcd-server:etcd frr:frr bird2:bird gobgpd:gobgpd; do
    case " $packages " in
      *" ${service%%:*} "*) systemctl disable --now "${service##*:}.service" >/dev/null 2>&1 || true ;;
    esac
  done
}

check_npm() {
  command -v npm >/dev/null || stop "npm is needed: install Node.js 20.19 or newer, which brings it."
  command -v node >/dev/null || stop "Node.js 20.19 or newer is needed to run npm."
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    stop "Node.js 20.19 or newer is needed to run npm; this is $(node -v)."
}

# Two steps: nothing runs while packages are unpacked; then only node-pcap is compiled, by and for the Node that came
# with the packages, with that Node's own headers. Options on the command line win over whatever a user's npmrc says.
install_npm_packages() {
  local stamp=node_modules/.herald-setup wanted quiet home
  home=$(node_home)
  wanted=$(cat package.json package-lock.json scripts/setup.sh | sha256sum | cut -d' ' -f1)
  if [ -x "$home/bin/node" ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; then return 0; fi
  check_npm
  quiet=(--no-engine-strict --no-audit --no-fund --no-update-notifier --no-progress --loglevel=error)
  say "installing npm packages"
  env -u NODE_ENV npm ci --ignore-scripts --include=dev --include=optional --include=prod --no-dry-run --no-global "${quiet[@]}" >/dev/null ||
    stop "npm could not install the packages of package-lock.json; its own message is above."
  [ -x "$home/bin/node" ] || stop "npm left out ${home##*/}, which is Node for this machine; is 'omit=optional' set somewhere?"
  say "building node-pcap for Node $("$home/bin/node" -v)"
  PATH="$home/bin:$PATH" npm_config_nodedir="$home" \
    npm rebuild node-pcap --no-ignore-scripts --no-dry-run --foreground-scripts=false "${quiet[@]}" >/dev/null ||
    stop "node-pcap did not compile; its own message is above."
  printf '%s\n' "$wanted" >"$stamp"
}

# shellcheck disable=SC2086 # lists of words
install_packages $build_needs
install_npm_packages
if [ "$level" != node ]; then
  [ "$(id -u)" = 0 ] || stop "the lab needs root: it makes network namespaces. Run it again with sudo, or as root."
  # shellcheck disable=SC2086 # lists of words
  if [ "$level" = lab ]; then install_packages $lab_needs; else install_packages $lab_needs $peer_needs; fi
  bash scripts/kube-binaries.sh >/dev/null
fi
