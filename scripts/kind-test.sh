#!/usr/bin/env bash
# The end-to-end tests that do not cut cables or kill nodes, in a kind cluster instead of the lab.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
bash scripts/setup.sh node
bash scripts/kind-demo.sh up

# A machine on the cluster's segment, from which the tests look at it.
docker rm --force herald-client >/dev/null 2>&1 || true
docker run --detach --name herald-client --network kind --cap-add NET_RAW debian:bookworm-slim sleep infinity >/dev/null
docker exec herald-client sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends curl iputils-arping ndisc6' >/dev/null

kubeconfig=$(mktemp)
trap 'rm -f "$kubeconfig"; docker rm --force herald-client >/dev/null' EXIT
kind get kubeconfig --name herald >"$kubeconfig"
PATH="$root/node_modules/.bin:$PATH" HERALD_E2E_KUBECONFIG="$kubeconfig" node scripts/test.ts kind
