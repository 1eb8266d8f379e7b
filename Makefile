PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint format bench docs-check clean

help: ## show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[notebook,show,test]'
	@touch $@

demo: .venv/ready ## fit a model with a program that says `import tensorflow`
	$(BIN)/tapeflow run examples/fit_a_curve.py

test: .venv/ready ## the whole test suite, doctests included
	$(BIN)/python -m pytest -n auto

test-slow: .venv/ready ## the checks that take too long for every run
	$(BIN)/python -m pytest -n auto -m slow

lint: .venv/ready ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/ready ## put the source into its canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs-check: .venv/ready ## run every example in the docstrings and the documentation
	$(BIN)/python -m pytest -n auto src README.md README.zh-CN.md docs CONTRIBUTING.md --doctest-glob='*.md'

bench: ## compare with TensorFlow, PyTorch, JAX, autograd and MyGrad (own virtual environment)
	$(PYTHON) benchmarks/run.py

clean: ## remove what was made
	rm -rf .venv .venv-bench build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
