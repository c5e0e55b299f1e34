#!/usr/bin/env bash
# Applies the synthesized stack, including its smoke test: the apply fails if the service returns a wrong result.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# Command that reverts the deployed commit. A merge commit has two parents; `-m 1` keeps the first, main before the merge.
# The commit object lists its parents even in a shallow checkout.
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
