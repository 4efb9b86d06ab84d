#!/usr/bin/env bash
# Renders config/ into config/install.yaml, or to the standard output with `-`.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

target=${1:-$root/config/install.yaml}
kubectl=$(command -v kubectl || true)
[ -n "$kubectl" ] || kubectl=$(bash "$root/scripts/kube-binaries.sh" | sed -n 's/^KUBECTL=//p')
[ -n "$kubectl" ] || stop "kubectl is needed to render config/: install it, or run 'make lab-up' once, which brings it."

render() {
  echo "# Herald, whole. Made from config/ by 'make install-yaml'; do not edit."
  "$kubectl" kustomize "$root/config"
}

if [ "$target" = - ]; then
  render
else
  render >"$target.new"
  mv "$target.new" "$target"
fi
