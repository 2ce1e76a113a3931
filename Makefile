# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

.DEFAULT_GOAL := help
.ONESHELL:
.NOTPARALLEL:
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr
DESTDIR ?=
# Anything to add to `millpond demo`, e.g. DEMO='--listen 127.0.0.1:18470 --directory /tmp/pond'.
DEMO ?=

BINARY := .build/release/millpond
TORTURE := LD_PRELOAD=$(CURDIR)/.build/disk.so .build/release/Torture
PYTHON := .venv/bin/python

# To build and run; each is there on a machine that has built before.
BUILD_PACKAGES := binutils ca-certificates curl git jq libc6-dev libmodbus-dev libsqlite3-dev libssl-dev \
	libstdc++-12-dev libyaml-dev libzstd-dev pkg-config zlib1g-dev
# To test: a pty pair, a virtual environment, the unit's verification, the binary's symbols.
TEST_PACKAGES := python3 python3-venv socat sqlite3 systemd

.PHONY: help
help: ## Show this
	@echo 'Millpond: make demo | make test'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

# ---- The two commands ---------------------------------------------------------------------------

.PHONY: demo
demo: setup release ## Build, then run a simulated plant and its gateway until Ctrl-C
	@# With a terminal, the gateway gets a foreground group of its own: Ctrl-C ends it in order, and
	@# make lives to report its exit code.
	if [ -t 0 ]; then set -m; $(BINARY) demo $(DEMO); else exec $(BINARY) demo $(DEMO); fi

.PHONY: test
test: setup setup-test lint unit release profiles schemas power-cuts end-to-end ## Everything that must hold
	@echo '==> all steps passed'

# ---- Setting up ---------------------------------------------------------------------------------

.PHONY: setup
setup: ## Install what building needs (apt-get), and look at the Swift toolchain
	@$(call install_packages,$(BUILD_PACKAGES))
	version=$$({ swift --version 2>/dev/null || true; } |
		sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
	if ! printf '6.2\n%s\n' "$${version:-0}" | sort -CV; then
		echo "Millpond needs Swift 6.2 or newer; found: $${version:-none in PATH}." >&2
		echo 'Get it from https://www.swift.org/install/linux/ : by swiftly, or as a tarball for' >&2
		echo 'Debian 12 that is unpacked anywhere, with its usr/bin in PATH.' >&2
		exit 69
	fi

.PHONY: setup-test
setup-test: ## Install what testing needs, with a Python environment in .venv
	@$(call install_packages,$(TEST_PACKAGES))
	$(MAKE) .venv/installed

.venv/installed: Tests/EndToEnd/requirements.txt
	@echo '==> a Python environment in .venv'
	python3 -m venv --clear .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

# Installs those of $(1) that are missing.
define install_packages
missing=$$(for package in $(1); do
	dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package
done)
if [ -n "$$missing" ]; then
	if ! command -v apt-get >/dev/null; then
		echo "apt-get is not here; install these by other means: "$$missing >&2
		exit 69
	fi
	echo '==> apt-get install' $$missing
	as_root=$$([ "$$(id -u)" = 0 ] || echo sudo)
	$$as_root apt-get update -q </dev/null
	$$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qy --no-install-recommends $$missing </dev/null
fi
endef

# ---- The steps of `make test` -------------------------------------------------------------------

.PHONY: lint
lint: ## Format of every Swift file, and that the mutants know the buffer that they break
	@echo '==> lint'
	swift format lint --strict --parallel -r Sources Tests Package.swift
	python3 Tests/Torture/mutants.py --check

.PHONY: unit
unit: ## The Swift tests, built with undeclared imports as errors
	@echo '==> build for testing'
	swift build --build-tests --explicit-target-dependency-import-check error
	echo '==> Swift tests'
	# Many tests hold sockets: side by side, all of them need more descriptors than libmodbus can take.
	swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 8

.PHONY: release
release: setup ## The product, in .build/release/millpond
	@echo '==> build the product (some minutes the first time)'
	swift build -c release --static-swift-stdlib --product millpond

.PHONY: profiles
profiles: ## Every shipped profile against its capture
	@echo '==> profiles'
	$(BINARY) profile test

.PHONY: schemas
schemas: setup-test ## The JSON Schemas against sample, profiles and captures
	@echo '==> schemas'
	$(PYTHON) Tests/Schemas/check_schemas.py

.PHONY: torturer
torturer: setup
	@echo '==> build what tortures the buffer'
	swift build -c release --static-swift-stdlib --product Torture
	clang -O2 -Wall -Wextra -Werror -shared -fPIC Tests/Torture/Shim/disk.c -o .build/disk.so
	mkdir -p .build/figures

.PHONY: power-cuts
power-cuts: torturer setup-test ## 10,000 power cuts, faults at every step, and that a weaker sync is caught
	@echo '==> power cuts and faults'
	$(TORTURE) powercut --states 5000 --looks 60 --seed 1 --step 2 --figures .build/figures & cuts=$$!
	$(TORTURE) powercut --states 5000 --looks 60 --seed 2 --step 2 --figures .build/figures
	$(TORTURE) faults --thin 8 --looks 2 --figures .build/figures
	$(TORTURE) tails --figures .build/figures
	$(TORTURE) flips --count 200 --figures .build/figures
	wait $$cuts
	$(TORTURE) powercut --synchronous NORMAL --figures .build/figures

.PHONY: end-to-end
end-to-end: setup-test ## The product against a Modbus server that is not ours
	@echo '==> end to end'
	$(PYTHON) -m pytest Tests/EndToEnd

# ---- Beside the tests ---------------------------------------------------------------------------

.PHONY: torture
torture: torturer setup-test release ## 1,000,000 power cuts, all faults, 1,000 kills: two hours
	@echo '==> a million power cuts'
	$(TORTURE) powercut --states 500000 --seed 1 --step 2 --figures .build/figures & one=$$!
	$(TORTURE) powercut --states 500000 --seed 2 --step 2 --figures .build/figures
	wait $$one
	$(TORTURE) powercut --synchronous NORMAL --figures .build/figures
	echo '==> every fault at every step'
	$(TORTURE) faults --figures .build/figures
	$(TORTURE) tails --every 1 --figures .build/figures
	$(TORTURE) flips --count 2000 --figures .build/figures
	echo '==> a thousand kills'
	$(PYTHON) Tests/EndToEnd/kills.py 1000
	python3 Tests/Torture/figures.py

.PHONY: mutants
mutants: setup ## That each torture finds what it is there for: five broken buffers
	@echo '==> mutants'
	python3 Tests/Torture/mutants.py

.PHONY: bench
bench: setup setup-test release ## Figures: buffer, codecs, a running gateway, its scale
	@echo '==> benchmarks of the parts'
	clang -O2 -Wall -Wextra -Werror Tests/EndToEnd/rows.c -o .build/rows \
		$$(pkg-config --cflags --libs sqlite3)
	MILLPOND_BENCHMARKS=1 MILLPOND_ROWS=$$PWD/.build/rows swift test -c release --scratch-path .build-bench \
		-Xswiftc -enable-testing --disable-xctest --no-parallel --filter Benchmark
	echo '==> memory, CPU and disk of a running gateway'
	$(PYTHON) Tests/EndToEnd/footprint.py
	echo '==> what dead devices cost the others'
	$(PYTHON) Tests/EndToEnd/dead_devices.py
	echo '==> a backlog that drains beside the live stream (two minutes)'
	$(PYTHON) Tests/EndToEnd/draining.py
	echo '==> 10 to 850 connections, beside the least that C can do (ten minutes)'
	clang -O2 -Wall -Wextra -Werror -pthread Tests/EndToEnd/reference.c -o .build/reference \
		$$(pkg-config --cflags --libs libmodbus sqlite3)
	$(PYTHON) Tests/EndToEnd/scale.py .build/reference

$(BINARY):
	@$(MAKE) setup release

.PHONY: install
install: $(BINARY) ## Install under DESTDIR and PREFIX (default /usr)
	@root='$(DESTDIR)$(PREFIX)'
	install -D -m 755 -s $(BINARY) "$$root/bin/millpond"
	mkdir -p "$$root/share/millpond" "$$root/share/doc/millpond" '$(DESTDIR)/etc/millpond/devices'
	cp -R --no-preserve=ownership devices "$$root/share/millpond/"
	install -m 644 README.md LICENSE config/*.yaml config/*.json "$$root/share/doc/millpond/"
	install -D -m 644 systemd/millpond.sysusers "$$root/lib/sysusers.d/millpond.conf"
	for unit in millpond.service millpond@.service; do
		sed 's:/usr/\(bin\|share\)/:$(PREFIX)/\1/:' systemd/$$unit |
			install -D -m 644 /dev/stdin "$$root/lib/systemd/system/$$unit"
	done
	echo "Installed under $$root. Next: write /etc/millpond/millpond.yaml; the manual of its keys is"
	echo "$$root/share/doc/millpond/millpond.yaml"

.PHONY: clean
clean: ## Remove what was built, and .venv
	@rm -rf .build .build-* .venv
