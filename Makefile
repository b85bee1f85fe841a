# Every target is a command of ./dev/run, which needs nothing but Python 3. `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help run stop reset demo psql token test test-all lint fmt deploy check verify status
.PHONY: audit maintenance worker mutate behaviour catalog permissions types install lock
.PHONY: bench-counters bench-retention bench-feed bench-functions bench-media
.PHONY: bench-realtime

# "make token USER=bob": a name on make's command line, not the shell's variable of that name.
WHO := $(if $(filter command line,$(origin USER)),$(USER),ada)

help:
	@./dev/run help

run:
	@./dev/run run $(if $(DETACH),--detach)

stop:
	@./dev/run stop

reset:
	@./dev/run reset

demo:
	@./dev/run demo

psql:
	@./dev/run psql

token:
	@./dev/run token '$(WHO)'

test:
	@./dev/run test

test-all:
	@./dev/run test-all

lint:
	@./dev/run lint

fmt:
	@./dev/run fmt

deploy:
	@./dev/run deploy

check:
	@./dev/run check

verify:
	@./dev/run verify

status:
	@./dev/run status

audit:
	@./dev/run audit

maintenance:
	@./dev/run maintenance

worker:
	@./dev/run worker

mutate:
	@./dev/run mutate

behaviour:
	@./dev/run behaviour

# "make bench-retention ARGS='--scale 0.1'": each says with --help what it takes.
bench-counters:
	@./dev/run bench-counters $(ARGS)

bench-retention:
	@./dev/run bench-retention $(ARGS)

bench-feed:
	@./dev/run bench-feed $(ARGS)

bench-functions:
	@./dev/run bench-functions $(ARGS)

bench-media:
	@./dev/run bench-media $(ARGS)

bench-realtime:
	@./dev/run bench-realtime $(ARGS)

catalog:
	@./dev/run catalog

permissions:
	@./dev/run permissions

types:
	@./dev/run types

install:
	@./dev/run install

lock:
	@./dev/run lock
