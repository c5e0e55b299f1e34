#!/usr/bin/env bash
# Synthesizes the stack into cdktf.out. Where cdktf.out is committed it is not written but compared, and the script fails
# when it is stale; `scripts/synth.sh --write` brings it up to date, for a commit.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# Beside cdktf.out, so that to move one into the place of the other copies nothing.
work=$(mktemp -d "$PWD/cdktf.out.XXXXXX")
trap 'rm -rf "$work"' EXIT
# A program that fails leaves cdktf.out as it is.
CDKTF_OUTDIR="$work/fresh" tool tsx main.ts

if [ "${1:-}" != --write ] && [ -n "$(git ls-files -- cdktf.out 2>/dev/null)" ]; then
  # What Terraform leaves there is not what synth writes.
  if diff -r --exclude=.terraform --exclude=.terraform.lock.hcl cdktf.out "$work/fresh"; then
    echo 'cdktf.out is what the program synthesizes'
  else
    echo 'cdktf.out is stale: run scripts/synth.sh --write, look at the difference, and commit it' >&2
    exit 1
  fi
else
  # All of it is replaced: assets of models that are no more would stay.
  [ ! -e cdktf.out ] || mv cdktf.out "$work/former"
  mv "$work/fresh" cdktf.out
fi
