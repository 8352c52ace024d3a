# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
#
# What a newcomer types. Everything below is a front for CMake presets and tools/.

PRESET ?= dev
BUILD := build/$(PRESET)
PYTHON := /usr/bin/python3

DATA ?= $(abspath build/demo)

.PHONY: demo help build deps test check bench format lint clean times

help:
	@echo "make demo     build, then run a sharded shop on this machine until Ctrl-C"
	@echo "make build    compile everything (preset $(PRESET); PRESET=release, asan, tsan, gcc, fuzz)"
	@echo "make test     install what is missing, build, run all tests; ends with 'N passed, N failed'"
	@echo "make check    the same under sanitizers, with g++, and longer fuzzing"
	@echo "make bench    CPU per query beside MariaDB alone and HAProxy; LIB=rpc: one library's own"
	@echo "make format   clang-format 14 over the tree"
	@echo "make lint     floors, coroutine rule, limits, formatting"
	@echo "make times    the slowest files of the last build"
	@echo "make clean    remove build/"

deps:
	@tools/deps/install

demo: build
	@$(BUILD)/bin/tessera demo --data $(DATA)

build: deps
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build --preset $(PRESET)

test: deps
	@$(PYTHON) tools/test/run.py --preset $(PRESET)

check: deps
	@$(PYTHON) tools/test/run.py --preset asan --fuzz-seconds 0
	@$(PYTHON) tools/test/run.py --preset gcc --fuzz-seconds 0
	@$(PYTHON) tools/test/fuzz.py --seconds 120

bench: deps
	@cmake --preset release >/dev/null
ifdef LIB
	@$(PYTHON) tools/test/bench.py --lib "$(LIB)"
else
	@cmake --build --preset release --target vtgate_program vttablet tessera
	@$(PYTHON) bench/proxy.py
endif

format:
	@git ls-files '*.cc' '*.h' | xargs clang-format-14 -i

lint:
	@$(PYTHON) tools/lint/run.py

times:
	@$(PYTHON) tools/test/times.py $(BUILD)

clean:
	rm -rf build
