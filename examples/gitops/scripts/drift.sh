#!/usr/bin/env bash
# Compares what is deployed with what is committed. Exits 0 where they are the same, 2 where they are not, with the
# difference in reports/drift.txt and reports/drift.md, and 1 where it cannot be said.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

init_stack
status=0
plan_into "$reports/drift.txt" || status=$?
case $status in
  0) echo 'no drift' ;;
  2)
    {
      printf '### Drift: what is deployed is not what is committed\n\n~~~~text\n'
      head -c 60000 "$reports/drift.txt"
      printf '\n~~~~\n'
    } >"$reports/drift.md"
    cat "$reports/drift.txt"
    publish_summary "$reports/drift.md"
    echo 'drift: deploy again, or commit what was changed by hand; while a deployment is under way, look again after it' >&2
    ;;
esac
exit "$status"
