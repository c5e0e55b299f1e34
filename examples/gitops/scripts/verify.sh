#!/usr/bin/env bash
# Types and tests: what needs neither an account nor Terraform.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

tool tsc --noEmit
node --import tsx --test test/*.test.ts
