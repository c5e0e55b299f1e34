#!/usr/bin/env bash
# Applies what is synthesized. The stack's smoke test is part of it: where the service answers wrong, the apply fails.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

init_stack
if ! stack_terraform apply -auto-approve -no-color; then
  commit=$(git rev-parse --short HEAD)
  cat >"$reports/apply.md" <<EOF
### The apply failed

What was applied before it failed stays as it is. Versions of the model that were registered before are still there.
To go back, revert the commit, and merge that:

    git revert $commit
EOF
  cat "$reports/apply.md" >&2
  publish_summary "$reports/apply.md"
  exit 1
fi
