# Thin on purpose: ./run does the work, and does it too where make is missing. `make test ARGS="-k ledger"` passes words on.
.DEFAULT_GOAL := run
.PHONY: run test lint postman bench lock clean help

run test lint postman bench lock clean help:
	@./run $@ $(ARGS)
