#!/bin/bash
# Finds the programs a real control plane is made of, and prints where they are, one NAME=path a line:
#   KUBE_APISERVER KUBE_CONTROLLER_MANAGER KUBE_PROXY KUBECTL ETCD
# Kubernetes' own three are looked for in $KUBEBUILDER_ASSETS, on PATH, in the cache, then built from their Go modules,
# then taken from Kubernetes' download site. Progress goes to stderr; a missing prerequisite is one sentence and exit status 1.
set -euo pipefail

version=1.36.3
cache="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/herald/kubernetes-v$version"
servers=(kube-apiserver kube-controller-manager kube-proxy)
# shellcheck source=scripts/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"

# A server counts only in the version that everything here was tested with.
right_version() { [ -x "$1" ] && [ "$("$1" --version 2>/dev/null)" = "Kubernetes v$version" ]; }

find_program() { # name -> path
  local candidate
  for candidate in "${KUBEBUILDER_ASSETS:+$KUBEBUILDER_ASSETS/$1}" "$(command -v "$1" 2>/dev/null || true)" "$cache/$1"; do
    [ -n "$candidate" ] || continue
    if [ "$1" = kubectl ]; then
      [ -x "$candidate" ] && { printf '%s\n' "$candidate"; return 0; }
    elif right_version "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

# The Kubernetes module replaces its staging modules by folders that its zip does not hold: replace them by their releases.
write_go_module() {
  local go_mod
  go_mod=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p') || return 1
  [ -r "$go_mod" ] || return 1
  {
    printf 'module herald/kubernetes\n\n%s\n\nrequire k8s.io/kubernetes v%s\n\nreplace (\n' "$(grep '^go ' "$go_mod")" "$version"
    sed -n 's|^[[:space:]]*\(k8s\.io/[a-z-]*\) => \./staging.*|\1|p' "$go_mod" | while read -r staging; do
      printf '\t%s => %s v0.%s\n' "$staging" "$staging" "${version#1.}"
    done
    printf ')\n\ntool (\n'
    printf '\tk8s.io/kubernetes/cmd/%s\n' "$@"
    printf ')\n'
  } >go.mod
}

build() { # names
  local name stamp="-s -w -X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/herald-kube.XXXXXX")
  (
    cd "$scratch"
    say "building $* v$version from their Go modules: about 4 minutes on 2 cores, once"
    write_go_module "$@" || exit 1
    go mod tidy >tidy.log 2>&1 || { tail -n 5 tidy.log >&2; exit 1; }
    for name in "$@"; do
      say "building $name"
      CGO_ENABLED=0 go build -ldflags "$stamp" -o "$name.new" "k8s.io/kubernetes/cmd/$name" || exit 1
      mkdir -p "$cache"
      cp "$name.new" "$cache/.$name.$$" && mv -f "$cache/.$name.$$" "$cache/$name"
      say "kept $cache/$name"
    done
  )
}

download() { # names
  local name machine site="https://dl.k8s.io/v$version/bin/linux"
  command -v curl >/dev/null || fail "curl is missing: install it (apt-get install curl), or install Go 1.26 so that the binaries can be built."
  case "$(uname -m)" in
    x86_64) machine=amd64 ;;
    aarch64) machine=arm64 ;;
    *) fail "there are no Kubernetes binaries for $(uname -m): put $* v$version on PATH." ;;
  esac
  mkdir -p "$cache"
  for name in "$@"; do
    say "fetching $name v$version"
    curl -fsSL --retry 3 -o "$cache/.$name.$$" "$site/$machine/$name" || { rm -f "$cache/.$name.$$"; return 1; }
    printf '%s  %s\n' "$(curl -fsSL "$site/$machine/$name.sha256")" "$cache/.$name.$$" | sha256sum --check --quiet || { rm -f "$cache/.$name.$$"; return 1; }
    chmod 755 "$cache/.$name.$$" && mv -f "$cache/.$name.$$" "$cache/$name"
  done
}

print_answer() {
  local name path key
  for name in "${servers[@]}" kubectl; do
    path=$(find_program "$name") || fail "$name v$version is still missing: put it on PATH or into $cache."
    key=$(printf '%s' "$name" | tr 'a-z-' 'A-Z_')
    printf '%s=%s\n' "$key" "$path"
  done
  printf 'ETCD=%s\n' "$etcd"
}

etcd=$(command -v etcd || true)
[ -z "$etcd" ] && [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/etcd" ] && etcd=$KUBEBUILDER_ASSETS/etcd
[ -n "$etcd" ] || fail "etcd is missing: install it with 'apt-get install etcd-server'."

missing=()
for name in "${servers[@]}" kubectl; do find_program "$name" >/dev/null || missing+=("$name"); done
if [ "${#missing[@]}" -gt 0 ]; then
  if command -v go >/dev/null && build "${missing[@]}"; then :; else
    if command -v go >/dev/null; then say "the build did not succeed; trying Kubernetes' download site"; else say "Go is not installed; trying Kubernetes' download site"; fi
    download "${missing[@]}" || fail "cannot get ${missing[*]} v$version: install Go 1.26 or newer with access to a module proxy, or put the binaries into $cache."
  fi
fi
print_answer
