#!/bin/bash
# Brings MetalLB's two programs, which Herald is compared with, and prints what was found, one NAME=path a line:
#   METALLB_CONTROLLER METALLB_SPEAKER METALLB_MANIFEST
# They are built from MetalLB's Go module once and kept in the cache, with the manifest of the same release. Progress goes to
# stderr; a missing prerequisite is one sentence and exit status 1.
set -euo pipefail

version=0.15.2
module=go.universe.tf/metallb
programs=(controller speaker)
cache="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/herald/metallb-$version"
# shellcheck source=scripts/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"

missing_programs() {
  local name
  for name in "${programs[@]}"; do [ -x "$cache/$name" ] || printf '%s\n' "$name"; done
}

# The folder of the module's own files, the release's manifest among them.
module_folder() { go list -m -f '{{.Dir}}' "$module"; }

build() { # names
  local name
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/herald-metallb.XXXXXX")
  (
    cd "$scratch"
    say "building MetalLB's $* $version from its Go module: some minutes, once"
    {
      printf 'module herald/metallb\n\ngo 1.24\n\nrequire %s v%s\n\n' "$module" "$version"
      printf "tool $module/%s\n" "${programs[@]}"
    } >go.mod
    go mod tidy >tidy.log 2>&1 || { tail -n 5 tidy.log >&2; exit 1; }
    mkdir -p "$cache"
    install -m 644 "$(module_folder)/config/manifests/metallb-native.yaml" "$cache/metallb.yaml" || exit 1
    for name in "$@"; do
      CGO_ENABLED=0 go build -o "$name.new" "$module/$name" || exit 1
      cp "$name.new" "$cache/.$name.$$" && mv -f "$cache/.$name.$$" "$cache/$name"
    done
  )
}

mapfile -t missing < <(missing_programs)
[ -r "$cache/metallb.yaml" ] || missing=("${programs[@]}")
if [ "${#missing[@]}" -gt 0 ]; then
  command -v go >/dev/null || fail "Go is not installed: install Go 1.24 or newer with access to a module proxy; MetalLB $version is built with it."
  build "${missing[@]}" || fail "MetalLB $version could not be built; Go's own message is above. It needs access to a module proxy."
fi
printf 'METALLB_CONTROLLER=%s\nMETALLB_SPEAKER=%s\nMETALLB_MANIFEST=%s\n' "$cache/controller" "$cache/speaker" "$cache/metallb.yaml"
