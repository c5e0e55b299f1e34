# shellcheck shell=bash
# What the scripts share. They work in the project's folder, wherever they are called from, and tell GitHub or Azure
# DevOps, where they run there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1

stack_folder=cdktf.out/stacks/scoring
reports=reports
mkdir -p "$reports"

# A tool that npm installed, and no other.
tool() {
  npx --no-install "$@"
}

# Terraform, or what TERRAFORM_BINARY_NAME names (CDKTF's variable), in the stack's folder.
stack_terraform() {
  "${TERRAFORM_BINARY_NAME:-terraform}" "-chdir=$stack_folder" "$@"
}

# Quiet when all is well.
init_stack() {
  stack_terraform init -no-color >"$reports/init.txt" 2>&1 || {
    cat "$reports/init.txt" >&2
    return 1
  }
}

# Writes a plan to a file. Returns 0 where there is nothing to change, 2 where there is, 1 where it cannot be said.
# Without a lock: who may only read cannot take one, and nothing is written. Where a deployment holds it, the plan is made
# of the state as it was last written, and shows what is not applied yet.
plan_into() {
  local status=0
  stack_terraform plan -lock=false -no-color -detailed-exitcode >"$1" 2>&1 || status=$?
  if [ "$status" -ne 0 ] && [ "$status" -ne 2 ]; then
    cat "$1" >&2
    return 1
  fi
  return "$status"
}

# Shows a page of Markdown with the run.
publish_summary() {
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$1" >>"$GITHUB_STEP_SUMMARY"
  fi
  if [ -n "${TF_BUILD:-}" ]; then
    echo "##vso[task.uploadsummary]$PWD/$1"
  fi
}
