# SPDX-License-Identifier: Apache-2.0
# The everyday commands, in front of Meson and Ninja. `make help` lists them.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
REPO ?= .
SEEDS ?= 2000
FIRST ?= 1
POINTS ?= 200
SEED ?= 1
FUZZ_SECONDS ?= 600
CUTS ?= 2000
STEP ?= 1
MINUTES ?= 30
JOBS ?= $(shell nproc)
WRITE ?=

.DEFAULT_GOAL := all
.PHONY: all deps deps-check deps-bench demo check check-agents unit asan tsan lint format \
	coverage sim journal escape points load soak fuzz fuzz-long trust bench deadcode install uninstall clean help

all: $(BUILD)/build.ninja ## build kelp in build/ (needs no root; names missing packages)
	@ninja -C $(BUILD) -j $(JOBS) programs

$(BUILD)/build.ninja:
	@tools/install-deps.sh --list build
	@meson setup $(BUILD) --prefix $(PREFIX) >/dev/null || meson setup $(BUILD)

deps: ## install the packages that building needs, if they are missing
	@tools/install-deps.sh build

deps-check: ## install the packages that the checks need, if they are missing
	@tools/install-deps.sh check

deps-bench:
	@tools/install-deps.sh bench

demo: deps all ## run the six-dimension analysis on a throw-away clone [REPO=PATH]
	@tools/demo.sh $(BUILD)/kelp '$(REPO)'

check: deps-check ## all tests and checks in short form, with closing counts
	@tools/check.sh

check-agents: deps all ## the real agent programs against a scripted model server [ONLY="codex sessions"]
	@BUILD='$(abspath $(BUILD))' tests/agents/run $(ONLY)

unit: deps-check ## the unit tests alone [LAYER=core] [FILTER='graph/*']
	@LAYER='$(LAYER)' FILTER='$(FILTER)' tools/check.sh unit

asan: deps-check ## the unit tests under the address and undefined behaviour sanitizers
	@tools/check.sh asan

tsan: deps-check ## the programs that have threads under the thread sanitizer
	@tools/check.sh tsan

lint: deps-check ## gcc and clang without warnings, static analysis, format, spelling
	@tools/check.sh lint-all

format: deps-check ## format all sources in place
	@git ls-files '*.c' '*.h' | xargs clang-format -i

coverage: deps-check ## line and branch coverage of src/base and src/core
	@tools/coverage.sh

sim: deps-check ## search faults in many simulated runs [SEEDS=2000 FIRST=1]
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@SEEDS=$(SEEDS) FIRST=$(FIRST) JOBS=$(JOBS) tests/sim/run $(BUILD)

journal: deps-check ## journals on disks that fail, and with changed bytes [CUTS=2000 STEP=1]
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@BUILD='$(abspath $(BUILD))' CUTS=$(CUTS) STEP=$(STEP) tests/journal/run

escape: deps-check all ## all attacks on the sandbox and around it [WRITE=1 writes the table in docs/SECURITY.md]
	@BUILD='$(abspath $(BUILD))' JOBS=$(JOBS) tests/escape/run --all $(if $(WRITE),--write)

points: deps-check ## fail each call, kill at each step, resume [POINTS=200, or all; SEED=1]
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@BUILD=$(BUILD) JOBS=$(JOBS) POINTS=$(POINTS) SEED=$(SEED) tests/points/run $(POINTS)

load: deps-check ## ten thousand agents, a gigabyte of output, a hundred runs, planted leaks
	@BUILD='$(abspath $(BUILD))' JOBS=$(JOBS) tests/load/run load

soak: deps-check ## a resident engine for so long: nothing grows that is not kept on purpose [MINUTES=30]
	@BUILD='$(abspath $(BUILD))' JOBS=$(JOBS) tests/load/run soak $(MINUTES)

fuzz: deps-check ## fuzz every parser for a while [FUZZ_SECONDS=600, each]
	@tools/fuzz.sh $(FUZZ_SECONDS) $(JOBS)

fuzz-long: deps-check ## fuzz every parser for an hour each, and keep the inputs that reach further
	@FUZZ_KEEP=1 tools/fuzz.sh 3600 $(JOBS)

bench: deps-bench all ## compare with other tools and print the tables [BENCH="peers demo"]
	@bench/run $(BUILD) $(BENCH)

trust: deps-check all ## everything at length, into docs/RELIABILITY.md: some hours [PARTS="sim points"]
	@tools/trust.py $(PARTS)

deadcode: deps-check ## functions that no program uses
	@tools/check.sh deadcode

install: $(BUILD)/build.ninja ## install below PREFIX (and DESTDIR)
	@meson configure $(BUILD) --prefix $(abspath $(PREFIX))
	@ninja -C $(BUILD) -j $(JOBS) programs
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --quiet --no-rebuild

uninstall: ## remove what `make install` put there
	@ninja -C $(BUILD) uninstall >/dev/null

clean: ## remove everything that was built
	rm -rf build build-*/

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12
