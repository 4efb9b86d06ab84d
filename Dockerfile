# One image, two entry points: /controller (the operator) and /speaker. linux/amd64 and linux/arm64.
#   docker build -t ghcr.io/herald-lb/herald:v0.1.0 .

# This image's own Node only runs npm; what builds and ships is the Node of package-lock.json.
FROM node:24-bookworm-slim AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends build-essential libpcap-dev python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
  && home="$PWD/node_modules/node-linux-$(node -p process.arch)" \
  && PATH="$home/bin:$PATH" npm_config_nodedir="$home" npm rebuild node-pcap --loglevel=error \
  && cp "$home/bin/node" /usr/local/bin/herald-node
COPY . .
RUN herald-node build.ts
RUN bash scripts/ship.sh /ship

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends libpcap0.8 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/herald-node /usr/local/bin/node
COPY --from=build /ship /app
COPY image/controller image/speaker /
# The manifests give the speaker user 0 with NET_RAW alone; nothing else needs root.
USER 65534:65534
LABEL org.opencontainers.image.title="Herald" \
  org.opencontainers.image.description="A load balancer for bare-metal Kubernetes" \
  org.opencontainers.image.licenses="Apache-2.0"
CMD ["/controller"]
