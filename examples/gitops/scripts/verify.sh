#!/usr/bin/env bash
# Checks types and runs the tests, which need neither an account nor Terraform.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

tool tsc --noEmit
node --import tsx --test test/*.test.ts
