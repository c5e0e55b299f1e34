#!/usr/bin/env bash
# Writes a plan for reviewers to reports/plan.txt, and to reports/plan.md for a comment or a summary. Succeeds with and
# without changes. The text of a plan hides sensitive values; a plan file would contain them, so none is written.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# A comment on GitHub is limited to 65,536 characters.
limit=60000

init_stack
status=0
plan_into "$reports/plan.txt" || status=$?
case $status in
  0) verdict='Nothing changes.' ;;
  2) verdict=$(grep -E '^Plan: ' "$reports/plan.txt" || echo 'Outputs change.') ;;
  *) exit "$status" ;;
esac

{
  printf '### Terraform plan: %s\n\n<details><summary>The plan</summary>\n\n~~~~text\n' "$verdict"
  head -c "$limit" "$reports/plan.txt"
  [ "$(wc -c <"$reports/plan.txt")" -le "$limit" ] || printf '\n… truncated; see the log of the job for the full plan'
  printf '\n~~~~\n\n</details>\n'
} >"$reports/plan.md"
cat "$reports/plan.txt"
publish_summary "$reports/plan.md"
