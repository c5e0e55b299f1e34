#!/usr/bin/env bash
# Synthesizes the stack into cdktf.out. If cdktf.out is committed, the script compares instead of writing and fails if it
# is stale; `scripts/synth.sh --write` updates it for a commit.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# On the same file system as cdktf.out, so that it can be renamed.
work=$(mktemp -d "$PWD/cdktf.out.XXXXXX")
trap 'rm -rf "$work"' EXIT
# If the program fails, cdktf.out is unchanged.
CDKTF_OUTDIR="$work/fresh" tool tsx main.ts

if [ "${1:-}" != --write ] && [ -n "$(git ls-files -- cdktf.out 2>/dev/null)" ]; then
  # Ignore files that Terraform, not synth, writes there.
  if diff -r --exclude=.terraform --exclude=.terraform.lock.hcl cdktf.out "$work/fresh"; then
    echo 'cdktf.out is up to date'
  else
    echo 'cdktf.out is stale: run scripts/synth.sh --write, review the difference, and commit it' >&2
    exit 1
  fi
else
  # Replace the entire folder, to remove assets of deleted models.
  [ ! -e cdktf.out ] || mv cdktf.out "$work/former"
  mv "$work/fresh" cdktf.out
fi
