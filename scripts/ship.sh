#!/usr/bin/env bash
# Lays out what runs, and nothing else, in a folder: the bundles, and the two native packages that they load.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ $# -eq 1 ] || stop "usage: scripts/ship.sh FOLDER"
cd "$root"
[ -d dist ] || stop "there are no bundles yet: run 'make build' first."

home=$(node_home)
architecture=${home##*-}
mkdir -p "$1"
packages=$(cd "$1" && pwd)/node_modules
mkdir -p "$packages/koffi/src/koffi" "$packages/@koromix" "$packages/node-pcap/build/Release"
cp -r dist "$1/"
cp node_modules/koffi/{package.json,index.js,index.cjs,indirect.js,indirect.cjs,LICENSE.txt} "$packages/koffi/"
cp node_modules/koffi/src/koffi/*.{js,cjs} "$packages/koffi/src/koffi/"
cp -r "node_modules/@koromix/koffi-linux-$architecture" "$packages/@koromix/"
cp -r node_modules/node-pcap/{package.json,pcap.js,tcp_tracker.js,dns_cache.js,util.js,decode,LICENSE} "$packages/node-pcap/"
cp node_modules/node-pcap/build/Release/pcap_binding.node "$packages/node-pcap/build/Release/"
