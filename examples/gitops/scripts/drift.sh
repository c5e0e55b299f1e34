#!/usr/bin/env bash
# Compares the deployed stack with the committed one. Exits with 0 if they are the same, with 2 if they differ (see
# reports/drift.txt and reports/drift.md), and with 1 on error.
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
