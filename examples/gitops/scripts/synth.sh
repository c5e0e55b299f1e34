#!/usr/bin/env bash
# Synthesizes the stack into cdktf.out. Where cdktf.out is committed it is not written but compared, and the script fails
# when it is stale; `scripts/synth.sh --write` brings it up to date, for a commit.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

if [ "${1:-}" != --write ] && [ -n "$(git ls-files -- cdktf.out 2>/dev/null)" ]; then
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  CDKTF_OUTDIR="$fresh" tool tsx main.ts
  # What Terraform leaves there is not what synth writes.
  if diff -r --exclude=.terraform --exclude=.terraform.lock.hcl cdktf.out "$fresh"; then
    echo 'cdktf.out is what the program synthesizes'
  else
    echo 'cdktf.out is stale: run scripts/synth.sh --write, look at the difference, and commit it' >&2
    exit 1
  fi
else
  # Assets of models that are no more would stay.
  rm -rf cdktf.out
  tool tsx main.ts
fi
