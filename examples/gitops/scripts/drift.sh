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
      printf '### Drift: the deployed stack differs from the committed one\n\n~~~~text\n'
      head -c 60000 "$reports/drift.txt"
      printf '\n~~~~\n'
    } >"$reports/drift.md"
    cat "$reports/drift.txt"
    publish_summary "$reports/drift.md"
    echo 'drift: deploy again, or commit the manual changes; if a deployment is running, check again after it' >&2
    ;;
esac
exit "$status"
