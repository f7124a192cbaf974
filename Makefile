# Each target installs what it needs, also on a bare Debian 12 or Ubuntu 24.04; later runs are quick.
PREFIX ?= /usr/local
BUILD := build
CONFIGURE := cmake -G Ninja -S . -B $(BUILD) -DREGARD_UNITY=ON
.DEFAULT_GOAL := help
.PHONY: help demo test check build build-train install deb wheel clean setup setup-train setup-check

help:
	@echo 'make demo           build regard and run it on the sample photographs'
	@echo 'make test           build everything and run all tests'
	@echo 'make check          format, clang-tidy, instruction count, sanitizers and a minute of each fuzz target'
	@echo 'make build          build the program, build/regard (with build/regard-lab), and the library'
	@echo 'make build-train    build the training part, build/regard-torch, as well'
	@echo 'make install        install program, library, headers and models (PREFIX=/usr/local)'
	@echo 'make deb            make Debian packages of program, video, server and development files, in dist/'
	@echo 'make wheel          make and test the wheel of the Python package, in dist/'
	@echo 'make clean          remove what was built'

setup:
	@scripts/setup

setup-train:
	@scripts/setup train

setup-check:
	@scripts/setup check

build: setup
	@$(CONFIGURE) --log-level=WARNING
	cmake --build $(BUILD) --target regard_cli

build-train: setup-train
	@$(CONFIGURE) --log-level=WARNING -DREGARD_TRAIN=ON
	cmake --build $(BUILD) --target regard_cli regard_torch

demo: build
	@echo
	@$(BUILD)/regard recognize samples --draw regard-demo --format table
	@echo
	@echo 'The drawn images are in regard-demo/.'

test: setup-train
	@$(CONFIGURE) --log-level=WARNING -DREGARD_TESTS=ON -DREGARD_TRAIN=ON -DREGARD_PYTHON=ON
	cmake --build $(BUILD)
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error -j $$(nproc)

check: setup-check
	@scripts/check

install: build
	cmake --build $(BUILD) --target regard_completions
	cmake --install $(BUILD) --prefix $(PREFIX)

deb: build
	cmake --build $(BUILD) --target regard_completions
	cd $(BUILD) && cpack -G DEB -B packages
	mkdir -p dist && cp $(BUILD)/packages/*.deb dist/

wheel:
	@scripts/wheel

clean:
	rm -rf $(BUILD) build-wheel dist regard-demo
