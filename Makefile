# Two commands: `make demo` goes the whole loop on a real, faulty application; `make test` checks everything.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON := .tools/lab-venv/bin/python
export PATH := $(CURDIR)/.tools/bin:$(PATH)

.PHONY: help setup demo test lint bench book generate clean

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup:  ## Install what is needed from the registries; says what it does, does nothing twice
	@scripts/setup.sh

demo: target/release/plimsoll  ## A faulty FastAPI shop on DynamoDB: check it, fix a leak that was measured, measure again
	@scripts/setup.sh lab
	@scripts/demo.sh

test:  ## Everything that CI runs: format, lints, docs, licences, tests, lab, browser
	@scripts/test.sh

lint:  ## Format, clippy, rustdoc, cargo-deny
	@scripts/test.sh lint

bench: target/release/plimsoll  ## Measure against the limits and the peers; writes bench/RESULTS.md
	@scripts/setup.sh all
	@bench/all.sh

book:  ## The handbook, to be read in a browser: target/book/index.html
	@scripts/setup.sh book
	@.tools/bin/mdbook build docs

generate:  ## Write the generated files again: report schema, command reference, list of checks
	@cargo run --quiet --package xtask -- generate

clean:  ## Remove what was built and installed here
	rm -rf target .tools e2e/node_modules

.PHONY: target/release/plimsoll
target/release/plimsoll:
	@cargo build --release --quiet --package plimsoll
