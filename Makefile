# mqttlab: "make help" lists the targets.

GO ?= go
export PATH := $(PATH):/usr/sbin
SHELL := /bin/bash

.PHONY: help run build dist reproducible vet-all generate tools check lint test test-go bench quote soak fuzz

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the workbench
	$(GO) run ./cmd/mqttlab

VCS = $(if $(wildcard .git),-buildvcs=true)
build: ## build the binary bin/mqttlab
	CGO_ENABLED=0 $(GO) build -trimpath $(VCS) -o bin/mqttlab ./cmd/mqttlab

PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
DIST ?= bin/dist
dist: ## static binaries for PLATFORMS, with checksums and licences, in DIST; the same commit gives the same bytes
	@rm -rf "$(DIST)" && mkdir -p "$(DIST)"
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; name=mqttlab-$$os-$$arch; \
		[ "$$os" != windows ] || name=$$name.exe; \
		echo "$$name"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath $(VCS) -ldflags '-s -w -buildid=' -o "$(DIST)/$$name" ./cmd/mqttlab || exit 1; \
	done
	@cp cmd/mqttlab/licenses.txt "$(DIST)/LICENSES.txt"
	@cd "$(DIST)" && sha256sum mqttlab-* LICENSES.txt > SHA256SUMS

reproducible: ## build the last commit again, elsewhere and from nothing, and compare with DIST
	@there=$$(mktemp -d) && trap 'chmod -R u+w "$$there"; rm -rf "$$there"' EXIT && \
		git clone --quiet . "$$there/tree" && git -C "$$there/tree" checkout --quiet --detach "$$(git rev-parse HEAD)" && \
		GOCACHE="$$there/cache" $(MAKE) -C "$$there/tree" --no-print-directory dist PLATFORMS="$(PLATFORMS)" DIST="$$there/dist" && \
		diff "$(DIST)/SHA256SUMS" "$$there/dist/SHA256SUMS" && echo "the same, byte by byte"

vet-all: ## go vet as on Windows and macOS
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...

generate: ## write the Go files of the templ pages anew
	$(GO) tool templ generate -log-level warn

tools: ## install what the tests need (Debian, Ubuntu)
	@bash .ci/tools

lint: ## gofmt, vet, staleness of generated files, types of the JavaScript
	@files=$$(gofmt -l cmd mqttcore server static web); [ -z "$$files" ] || { echo "not gofmt'ed: $$files"; exit 1; }
	$(GO) tool templ generate -check -log-level warn
	$(GO) vet ./...
	npx --no-install tsc --noEmit

check: ## the fast tests: all but the browser and what takes long
	$(GO) test -short $$($(GO) list ./... | grep -v /e2e)

test: tools lint test-go ## everything

test-go:
	$(GO) test -timeout 9m ./...

BENCH ?=
COUNT ?= 3
bench: ## one report of speed and memory beside peers in bin/bench: COUNT rounds, only what BENCH matches
	$(GO) run ./cmd/benchreport -count $(COUNT) -bench '$(BENCH)'

quote: ## have README.md quote the report in bin/bench
	$(GO) run ./cmd/benchreport -quote bin/bench/report.json

SOAK ?= 10m
SEEDS ?= 200000
KILLS ?= 300
soak: ## long: a class of 300 for SOAK (10m), SEEDS runs of the broker against its model, KILLS of the program
	MQTTLAB_SOAK=$(SOAK) $(GO) test -timeout 0 -run '^TestSoak$$' -v ./cmd/mqttlab
	$(GO) test -timeout 0 -run 'AgainstModel' ./mqttcore/broker -rapid.checks=$$(( $(SEEDS) / 4 ))
	MQTTLAB_KILLS=$(KILLS) $(GO) test -timeout 0 -run 'KillLosesNothing' -v ./cmd/mqttlab

FUZZTIME ?= 30s
fuzz: ## fuzz every reader for FUZZTIME each
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z]*' mqttcore server cmd | sed 's/:func / /' | while read -r file target; do \
		$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x "./$$(dirname "$$file")" || exit 1; \
	done
