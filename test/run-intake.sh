#!/usr/bin/env bash
# koku-intake, the program that takes uploads over HTTP and Kafka.
exec "$(dirname "$0")/../scripts/test-intake.sh"
