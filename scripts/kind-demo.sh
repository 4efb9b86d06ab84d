#!/usr/bin/env bash
# The demo in a kind cluster: docker, kind and kubectl are needed. `kind-demo.sh up` stops after the installation, which is
# what the end-to-end tests start from. `kind delete cluster --name herald` removes it.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

for program in docker kind kubectl; do
  command -v "$program" >/dev/null || stop "$program is needed for the kind demo; 'make demo' does without it."
done
docker info >/dev/null 2>&1 || stop "docker does not answer; start it, or use 'make demo', which does without it."

image=$(sed -n 's/^ *image: \(.*herald.*\)$/\1/p' config/install.yaml | head -n 1)

if ! kind get clusters 2>/dev/null | grep -qx herald; then
  kind create cluster --config kind-config.yaml --wait 120s
fi
kubectl config use-context kind-herald >/dev/null
docker build --tag "$image" .
kind load docker-image --name herald "$image"
kubectl apply -f config/install.yaml
kubectl -n metallb-system rollout status deployment/controller --timeout=180s
kubectl -n metallb-system rollout status daemonset/speaker --timeout=180s
[ "${1:-demo}" = demo ] || exit 0

# A pool in the network that docker gave the cluster, of each family that it has.
ranges=$(docker network inspect kind | "$(node_home)/bin/node" scripts/print-kind-ranges.ts)
[ -n "$ranges" ] || stop "docker's network \"kind\" has no subnet that is large enough for a pool."
entries=$(while read -r range; do printf '    - "%s"\n' "$range"; done <<<"$ranges")
kubectl apply -f - <<YAML
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: first-pool, namespace: metallb-system }
spec:
  addresses:
$entries
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: first-pool, namespace: metallb-system }
spec: { ipAddressPools: [first-pool] }
YAML
kubectl apply -f examples/web.yaml
kubectl rollout status deployment/web --timeout=120s
kubectl wait service/web --for=jsonpath='{.status.loadBalancer.ingress}' --timeout=60s
address=$(kubectl get service web -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
kubectl get service web
# From a container of the same network: the host itself reaches it on Linux only.
docker run --rm --network kind curlimages/curl:8.11.1 -sS --retry 10 --retry-all-errors --max-time 60 "http://$address/hostname"
echo
say "the cluster stays up; 'kind delete cluster --name herald' removes it"
