#!/usr/bin/env bash
# Applies what is synthesized. The stack's smoke test is part of it: where the service answers wrong, the apply fails.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# What takes the commit back that is deployed. A merge has two parents: what it brought is what it has that the first,
# main before it, has not. The commit itself names its parents, also in a checkout that has no history.
revert_command() {
  local parents mainline=
  parents=$(git cat-file -p HEAD | sed '/^$/,$d' | grep -c '^parent ') || true
  if [ "$parents" -gt 1 ]; then
    mainline='-m 1 '
  fi
  echo "git revert $mainline$(git rev-parse --short HEAD)"
}

init_stack
if ! stack_terraform apply -auto-approve -no-color; then
  cat >"$reports/apply.md" <<EOM
### The apply failed

What was applied before it failed stays as it is. Versions of the model that were registered before are still there.
To go back, revert the commit, and merge that:

    $(revert_command)
EOM
  cat "$reports/apply.md" >&2
  publish_summary "$reports/apply.md"
  exit 1
fi
