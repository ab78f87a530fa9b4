# Everything a developer runs. `make help` lists it. Only Go is needed: tools
# come through the Go module proxy at a pinned version, into bin/tools.

SHELL       := bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help

MODULE   := github.com/tripline-sec/tripline
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  := -s -w -X main.version=$(VERSION)
GO       ?= go

# The linter is the one tool that is pinned here: another version finds other things.
LINT_VERSION := v2.15.0
LINT         := bin/tools/golangci-lint-$(LINT_VERSION)

# Packages whose tests must reach every statement but a few.
COVER_FLOOR    := 95
COVER_PACKAGES := ./eql ./internal/value ./internal/reference

FUZZTIME ?= 10m
FUZZJOBS ?= 1

DIST_TARGETS  := linux/amd64 linux/arm64
CROSS_TARGETS := darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: ## Build bin/tripline
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/tripline ./cmd/tripline

.PHONY: run
run: build ## Build, then show the rule firing on recorded reverse shells
	@./bin/tripline demo

# -v, so that a skipped test's reason is known; the filter drops the rest of the noise.
.PHONY: test
test: ## Run all tests
	@$(GO) test -v ./... 2>&1 | awk -f .ci/testlog.awk

.PHONY: test-duckdb
test-duckdb: ## Test that DuckDB opens the event store (needs node; installs DuckDB from npm)
	@cd internal/store/testdata/duckdb && npm ci --no-audit --no-fund --silent
	@$(GO) test ./internal/store -count=1 -run '^TestDuckDB$$' -v

.PHONY: test-crash
test-crash: ## Cut the power at each step of CASES (20) programs that use the event store
	@TRIPLINE_CASES=$(if $(filter file,$(origin CASES)),20,$(CASES)) $(GO) test ./internal/store -count=1 -run 'Crash|FailureAt' -timeout 120m -v

# RACE='./internal/store ./internal/daemon' takes some packages only.
RACE ?= ./...

.PHONY: race
race: ## Run all tests under the race detector (needs a C compiler)
	@$(GO) test -race -timeout 30m $(RACE)

.PHONY: lint
lint: $(LINT) ## Run the linter
	./$(LINT) run ./...

.PHONY: fmt
fmt: $(LINT) ## Format the Go files
	./$(LINT) fmt

# Installed under a name with its version, so that a new pin builds a new file.
$(LINT):
	@mkdir -p bin/tools
	GOBIN=$(CURDIR)/bin/tools $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv bin/tools/golangci-lint $(LINT)

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME (10m), FUZZJOBS (1) at a time
	@GO='$(GO)' .ci/fuzz '$(FUZZTIME)' '$(FUZZJOBS)'

# RUN=TestSoak runs some of them; TRIPLINE_BIN=bin/tripline asks the daemon; see .ci/clients.
.PHONY: test-clients
test-clients: ## Run real clients of Elasticsearch against the HTTP server (Go modules, npm, apt)
	@GO='$(GO)' .ci/clients

# CASES=4000000 FIRST=1000000 draws other cases than the last run did.
CASES ?= 1000000
FIRST ?= 0

.PHONY: million
million: ## Draw CASES (a million) random queries and streams; the engine must answer as the reference
	@TRIPLINE_CASES=$(CASES) TRIPLINE_FIRST=$(FIRST) $(GO) test ./internal/engine -count=1 -run '^TestEngineIsReference$$' -timeout 120m -v

.PHONY: cover
cover: ## Show statement coverage of the language and fail below the floor
	@$(GO) test -cover $(COVER_PACKAGES) 2>&1 | awk -v floor=$(COVER_FLOOR) -f .ci/cover.awk

# BENCHFLAGS=-memory=500MB makes the large input smaller; `go run ./internal/bench -help`.
.PHONY: bench
bench: ## Measure the engine, and write docs/performance.md again
	@$(GO) run ./internal/bench $(BENCHFLAGS)

.PHONY: bench-quick
bench-quick: ## See that the measuring runs: small, no figures worth a look, no page
	@$(GO) run ./internal/bench -quick

.PHONY: bench-watch
bench-watch: ## Measure the time from a save to the result of --watch
	@$(GO) test ./internal/cli -run '^$$' -bench '^BenchmarkWatch$$' -benchtime 60x

.PHONY: bench-store
bench-store: ## Measure appending to, sealing and reading the event store
	@$(GO) test ./internal/store -run '^$$' -bench . -benchtime 10x

# BENCHFLAGS=-long watches memory for 20 minutes; `go run ./internal/daemontest/bench daemon -help`.
.PHONY: bench-daemon
bench-daemon: ## Measure the daemon under load: ingest, a scheduled pass, memory
	@$(GO) run ./internal/daemontest/bench daemon $(BENCHFLAGS)

.PHONY: bench-shells
bench-shells: ## Post 1,000 recorded shells, and measure how soon each is told
	@$(GO) run ./internal/daemontest/bench shells $(BENCHFLAGS)

# KILLS=500 kills it more often than CI does.
KILLS ?= 50

.PHONY: test-kill
test-kill: ## Kill a real daemon under load KILLS (50) times; nothing may be lost or doubled
	@TRIPLINE_KILLS=$(KILLS) $(GO) test ./internal/daemontest -count=1 -run '^TestKilled$$' -timeout 120m -v

.PHONY: coverage-table
coverage-table: ## Print what the built-in rules catch, and write docs/coverage.md again
	@$(GO) test . -count=1 -run '^TestCoveragePage$$' -update-coverage >/dev/null && cat docs/coverage.md

.PHONY: generate
generate: ## Make the generated files again
	$(GO) generate ./...

.PHONY: cross
cross: ## Check that macOS and Windows build
	@for target in $(CROSS_TARGETS); do \
		echo "build $$target"; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -trimpath -o /dev/null ./cmd/tripline || exit 1; \
	done

.PHONY: dist
dist: ## Make static Linux binaries and their checksums in dist
	@rm -rf dist && mkdir -p dist bin
	@for target in $(DIST_TARGETS); do \
		out=dist/tripline-$(VERSION)-$${target%/*}-$${target#*/}; \
		echo "build $$out"; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} \
			$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o "$$out" ./cmd/tripline || exit 1; \
	done
	@cp LICENSE NOTICE dist/
	@cd dist && { if command -v sha256sum >/dev/null; then sha256sum -- *; else shasum -a 256 -- *; fi; } > ../bin/SHA256SUMS && mv ../bin/SHA256SUMS SHA256SUMS
	@cat dist/SHA256SUMS

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist
