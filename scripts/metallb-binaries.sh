#!/bin/bash
# Brings MetalLB's controller, the peer of the differential run, and prints what was found, one NAME=path a line:
#   METALLB_CONTROLLER METALLB_MANIFEST
# It is built from its Go module once and kept in the cache, with the manifest of the same release. Progress goes to stderr; a
# missing prerequisite is one sentence and exit status 1.
set -euo pipefail

version=0.15.2
module=go.universe.tf/metallb
cache="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/herald/metallb-$version"
# shellcheck source=scripts/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"

is_complete() { [ -x "$cache/controller" ] && [ -r "$cache/metallb.yaml" ]; }

# The folder of the module's own files, the release's manifest among them.
module_folder() { go list -m -f '{{.Dir}}' "$module"; }

build() {
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/herald-metallb.XXXXXX")
  (
    cd "$scratch"
    say "building MetalLB's controller $version from its Go module: some minutes, once"
    printf 'module herald/metallb\n\ngo 1.24\n\nrequire %s v%s\n\ntool %s/controller\n' "$module" "$version" "$module" >go.mod
    go mod tidy >tidy.log 2>&1 || { tail -n 5 tidy.log >&2; exit 1; }
    CGO_ENABLED=0 go build -o controller.new "$module/controller" || exit 1
    mkdir -p "$cache"
    install -m 644 "$(module_folder)/config/manifests/metallb-native.yaml" "$cache/metallb.yaml" || exit 1
    cp controller.new "$cache/.controller.$$" && mv -f "$cache/.controller.$$" "$cache/controller"
  )
}

if ! is_complete; then
  command -v go >/dev/null || fail "Go is not installed: install Go 1.24 or newer with access to a module proxy; MetalLB $version is built with it."
  build || fail "MetalLB $version could not be built; Go's own message is above. It needs access to a module proxy."
fi
printf 'METALLB_CONTROLLER=%s\nMETALLB_MANIFEST=%s\n' "$cache/controller" "$cache/metallb.yaml"
