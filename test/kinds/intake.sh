#!/usr/bin/env bash
# koku-intake, the program that takes uploads over HTTP and Kafka. Arguments: modules, classes or tests of
# tools/intake/test/integration.
exec "$(dirname "$0")/../../scripts/test-intake.sh" "$@"
