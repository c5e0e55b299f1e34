# shellcheck shell=bash
# Shared functions. The scripts change to the project folder and report to GitHub or Azure DevOps if they run there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1

stack=${STACK:-scoring}
stack_folder=cdktf.out/stacks/$stack
# Terraform removes the providers of the other stack from a lock file.
lock_file=.terraform.lock.hcl
[ "$stack" = scoring ] || lock_file=.terraform.$stack.lock.hcl
reports=reports
mkdir -p "$reports"

# Runs a tool that npm installed, and never downloads one.
tool() {
  npx --no-install "$@"
}

# Runs Terraform, or the binary in TERRAFORM_BINARY_NAME (a variable of CDKTF), in the stack's folder.
stack_terraform() {
  "${TERRAFORM_BINARY_NAME:-terraform}" "-chdir=$stack_folder" "$@"
}

# Prints output only on failure. The stack's folder is synthesized anew; the lock file in the project's folder keeps the
# versions and the hashes of the providers.
init_stack() {
  [ ! -f "$lock_file" ] || cp "$lock_file" "$stack_folder/.terraform.lock.hcl"
  stack_terraform init -no-color >"$reports/init.txt" 2>&1 || {
    cat "$reports/init.txt" >&2
    return 1
  }
  [ ! -f "$stack_folder/.terraform.lock.hcl" ] || cp "$stack_folder/.terraform.lock.hcl" "$lock_file"
}

# Writes the text of a plan to a file, and passes further arguments to Terraform. Returns 0 without changes, 2 with changes, 1 on error. Does not lock the state: a read-only
# identity cannot, and nothing is written. During a deployment, the plan is based on the last written state and shows
# changes that are not applied yet.
plan_into() {
  local status=0 report=$1
  shift
  stack_terraform plan -lock=false -no-color -detailed-exitcode "$@" >"$report" 2>&1 || status=$?
  if [ "$status" -ne 0 ] && [ "$status" -ne 2 ]; then
    cat "$report" >&2
    return 1
  fi
  return "$status"
}

# Adds a Markdown page to the summary of the run.
publish_summary() {
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$1" >>"$GITHUB_STEP_SUMMARY"
  fi
  if [ -n "${TF_BUILD:-}" ]; then
    echo "##vso[task.uploadsummary]$PWD/$1"
  fi
}
