# The one entrance for developers. `make help` lists what it can do; everything it needs it brings itself.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
NODE_VERSION := 24.21.0

# Ours first: an old Node on the machine must not be picked up by npm, vitest or a script.
export PATH := $(CURDIR)/.tools/node_modules/node/bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help start init db-up check lint quick test bench certify record-histories env-example node prepare
.DEFAULT_GOAL := help

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

start: node_modules/.package-lock.json ## everything in one command; ARGS="--speed 60 --no-chat" for `trader start`
	@exec ./trader start $(ARGS)

init: node_modules/.package-lock.json prepare ## all installs: Node, packages, the Temporal server, the workflow bundle

db-up: node_modules/.package-lock.json ## the database alone, migrated, in the background; `./trader stop` ends it
	@./trader db-up $(ARGS)

check: node_modules/.package-lock.json ## format, lint, types, unused code
	@echo '== format'; oxfmt --check
	@echo '== lint'; oxlint
	@for project in core workflows server ui .; do echo "== types: $$project"; tsc -p $$project || exit 1; done
	@echo '== unused'; knip

lint: node_modules/.package-lock.json ## the import arrows, the purity of core, the rules of style
	@oxlint

quick: node_modules/.package-lock.json ## pure tests only, no server; ARGS=path picks some
	@vitest run --project quick $(ARGS)

test: node_modules/.package-lock.json prepare ## every test; the last line counts them
	@rm -rf .cache/test-reports && mkdir -p .cache/test-reports
	-@vitest run --project quick --reporter=default --reporter=json --outputFile.json=.cache/test-reports/quick.json $(ARGS)
	-@vitest run --project stack --reporter=default --reporter=json --outputFile.json=.cache/test-reports/stack.json $(ARGS)
	@set -o pipefail; node bin/count-tests.js $(if $(CHECK_FAILED),--check-failed) .cache/test-reports/quick.json .cache/test-reports/stack.json | tee .cache/test-reports/count

bench: node_modules/.package-lock.json prepare ## measures; prints one JSON line per benchmark
	@found=0; for file in bench/*.ts; do [ -e "$$file" ] || continue; found=1; node "$$file" || exit 1; done; \
	 [ $$found = 1 ] || echo 'there is no benchmark in bench/ yet'

certify: node_modules/.package-lock.json prepare ## the long proofs; PROOF=name picks one
	@if [ -z "$(PROOF)" ] || [ ! -e "certify/$(PROOF).ts" ]; then \
	  echo "say which: make certify PROOF=name; there are: $$(ls certify 2>/dev/null | sed -n 's/\.ts$$//p' | tr '\n' ' ')"; exit 2; fi
	@node certify/$(PROOF).ts $(ARGS)

record-histories: node_modules/.package-lock.json prepare ## records the histories that test/replay replays, anew; ARGS=type records some
	@node test/replay/record.ts $(ARGS)

env-example: node_modules/.package-lock.json ## writes .env.example from server/src/config.ts
	@./trader env-example > .env.example

prepare: node_modules/.package-lock.json
	@./trader prepare

node_modules/.package-lock.json: package-lock.json | node
	@echo '== npm ci: installing the packages of package-lock.json (about a minute)'
	@npm ci --no-progress --loglevel=error
	@touch $@

# Old Node, or none: ours goes to .tools, the machine's stays as it is.
node:
	@if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 18) ? 0 : 1)' 2>/dev/null; then \
	  echo "== Node $(NODE_VERSION) into .tools (this machine has $$(node -v 2>/dev/null || echo none); 22.18 or newer is needed; about 20 s)"; \
	  command -v npm >/dev/null || { echo 'neither a new enough Node nor npm is here: install Node 22.18 or newer'; exit 2; }; \
	  mkdir -p .tools && echo '{ "private": true, "allowScripts": { "node": true } }' > .tools/package.json && \
	  npm install --prefix .tools --no-progress --no-save --loglevel=error node@$(NODE_VERSION); \
	fi
