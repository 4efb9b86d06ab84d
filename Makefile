# Every target brings what it needs itself (scripts/setup.sh). Node is the one that npm brings, whatever this machine has.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
MAKEFLAGS += --no-print-directory

.NOTPARALLEL:
.PHONY: help demo test test-unit test-e2e lint build lab-up lab-down bench differential soak install-yaml kind-demo kind-test clean node lab peers

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | column -t -s@

demo: lab build ## a cluster on this machine, Services that answer on a layer-2 address and behind a BGP router; stays up (root)
	@node scripts/demo.ts

test: peers ## everything: lint, types, bundles, unit tests, the lab's end-to-end tests (root)
	@node scripts/test.ts all

test-unit: node ## unit and structure tests
	@node scripts/test.ts unit

test-e2e: peers ## the end-to-end tests alone (root)
	@node scripts/test.ts e2e

lint: node ## format, lint and types
	@node scripts/test.ts lint

build: node ## bundles into dist/
	@node build.ts

lab-up: lab build ## the demo's cluster without the demo (root)
	@node e2e/lab/main.ts up

lab-down: node ## removes it: processes, namespaces, files (root)
	@node e2e/lab/main.ts down

bench: peers build ## speed beside a limit measured in the same run (root)
	@node bench/main.ts
	@node bench/matrix/main.ts --results .build/failover-short.jsonl --addresses 1 --rounds 3 --peer-rounds 1

differential: lab build ## the same manifests and Service histories for Herald and MetalLB; ARGS="--manifests 100" (root, Go)
	@node e2e/differential/main.ts $(ARGS)

soak: peers build ## the long runs; their last result is kept in docs/ (root)
	@node scripts/soak.ts

install-yaml: ## config/install.yaml from config/
	@bash scripts/render-install.sh

kind-demo: node ## the same demo in a kind cluster (needs docker and kind)
	@bash scripts/kind-demo.sh

kind-test: ## the end-to-end tests in a kind cluster (needs docker and kind)
	@bash scripts/kind-test.sh

clean: ## what was built; not node_modules, not the cache
	@rm -rf .build dist

node:
	@bash scripts/setup.sh node

lab:
	@bash scripts/setup.sh lab

peers:
	@bash scripts/setup.sh peers
