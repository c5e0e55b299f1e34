#!/usr/bin/env bash
# Writes a plan for reviewers to reports/plan.txt, and to reports/plan.md for a comment or a summary, which begins with what the
# plan does to callers. Succeeds with and without changes. The text of a plan hides sensitive values. The plan file contains
# them, so only this user can read it, and it is removed at the end.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# A comment on GitHub is limited to 65,536 characters.
limit=60000

init_stack
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
plan_into "$reports/plan.txt" -out "$work/plan.bin" || status=$?
case $status in
  0) verdict='Nothing changes.' ;;
  2) verdict=$(grep -E '^Plan: ' "$reports/plan.txt" || echo 'Outputs change.') ;;
  *) exit "$status" ;;
esac

{
  stack_terraform show -json "$work/plan.bin" | tool cdktf-brainwave plan-impact - --format markdown
  printf '\n### Terraform plan: %s\n\n<details><summary>The plan</summary>\n\n~~~~text\n' "$verdict"
  head -c "$limit" "$reports/plan.txt"
  [ "$(wc -c <"$reports/plan.txt")" -le "$limit" ] || printf '\n… truncated; see the log of the job for the full plan'
  printf '\n~~~~\n\n</details>\n'
} >"$reports/plan.md"
cat "$reports/plan.txt"
publish_summary "$reports/plan.md"
