# shellcheck shell=bash
# Functions shared by the machine's scripts. The scripts read the configuration from the machine's user data, which
# Terraform changes without replacing the machine, and secrets from Key Vault with the machine's managed identity. Tokens,
# keys and certificates are passed through pipes and private files, because every user of the machine can see arguments.

set -euo pipefail
umask 077

# Overridden in tests.
root=${BRAINWAVE_ROOT:-}
metadata=${BRAINWAVE_METADATA:-http://169.254.169.254}
owner=${BRAINWAVE_OWNER:-65532:65532}

# Both folders are in memory, so the disk never contains a key.
run_folder=$root/run/brainwave
serve_folder=$run_folder/serve
# Configuration of the machine.
settings=$run_folder/machine.json

log() {
  printf '%s\n' "$*" >&2
}

setting() {
  jq --raw-output "$1" "$settings"
}

# Only one script runs at a time: the certificate and its key must not change while another script reads them.
lock() {
  mkdir -p "$run_folder"
  exec 9>"$run_folder/lock"
  flock 9
  scratch=$(mktemp -d "$run_folder/scratch.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
}

from_metadata() {
  curl --silent --show-error --fail --noproxy '*' --max-time 30 --retry 5 --retry-connrefused \
    --header 'Metadata: true' "$metadata/metadata/$1"
}

# Prints an access token of the machine's managed identity for a resource (URL-encoded).
identity_token() {
  from_metadata "identity/oauth2/token?api-version=2018-02-01&resource=$1&client_id=$(setting .identityClientId)" |
    jq --raw-output --exit-status .access_token
}

# vault_secret URL FILE: writes Key Vault's response for a secret to FILE. Reads the access token from standard input.
vault_secret() {
  sed 's/.*/header = "Authorization: Bearer &"/' |
    curl --config - --silent --show-error --fail --max-time 30 --retry 5 --retry-connrefused \
      --output "$2" "$1?api-version=7.4"
}

# Splits a certificate stored in Key Vault (PKCS#12 or PEM) into the certificate chain and its private key.
unpack_bundle() {
  local secret=$1 folder=$2
  if [ "$(jq --raw-output .contentType "$secret")" = application/x-pem-file ]; then
    jq --raw-output .value "$secret" >"$folder/bundle.pem"
    cp "$folder/bundle.pem" "$folder/bundle-key.pem"
  else
    jq --raw-output .value "$secret" | base64 --decode >"$folder/bundle.pfx"
    # Key Vault does not encrypt it.
    openssl pkcs12 -in "$folder/bundle.pfx" -nokeys -passin pass: >"$folder/bundle.pem"
    openssl pkcs12 -in "$folder/bundle.pfx" -nocerts -nodes -passin pass: >"$folder/bundle-key.pem"
    rm "$folder/bundle.pfx"
  fi
  sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' "$folder/bundle.pem" >"$folder/certificate.pem"
  sed -n '/^-----BEGIN .*PRIVATE KEY-----/,/^-----END .*PRIVATE KEY-----/p' "$folder/bundle-key.pem" >"$folder/private-key.pem"
  rm "$folder/bundle.pem" "$folder/bundle-key.pem"
}

# Fetches the certificate and the keys and writes them where the scoring server reads them. Sets secrets_changed. Exits if
# they cannot be fetched, and leaves the current ones in place.
refresh_secrets() {
  local fetched=$scratch/secrets file
  secrets_changed=false
  mkdir -p "$fetched" "$serve_folder"
  if [ "$(setting '.secrets != null')" = true ]; then
    fetch_secrets "$fetched"
  fi
  for file in certificate.pem private-key.pem keys.json; do
    if [ ! -e "$fetched/$file" ]; then
      rm -f "$serve_folder/$file"
    elif ! cmp --silent "$fetched/$file" "$serve_folder/$file"; then
      chmod 0600 "$fetched/$file"
      chown "$owner" "$fetched/$file"
      mv "$fetched/$file" "$serve_folder/$file"
      secrets_changed=true
    fi
  done
  chmod 0700 "$serve_folder"
  chown "$owner" "$serve_folder"
}

fetch_secrets() {
  local folder=$1 token certificate_key private_key
  token=$(identity_token https%3A%2F%2Fvault.azure.net)
  if [ "$(setting '.secrets.keys != null')" = true ]; then
    printf '%s' "$token" | vault_secret "$(setting .secrets.keys.primary)" "$folder/primary"
    printf '%s' "$token" | vault_secret "$(setting .secrets.keys.secondary)" "$folder/secondary"
    jq --null-input --slurpfile primary "$folder/primary" --slurpfile secondary "$folder/secondary" \
      '{primaryKey: $primary[0].value, secondaryKey: $secondary[0].value}' >"$folder/keys.json"
  fi
  if [ "$(setting '.secrets.certificate.bundle != null')" = true ]; then
    printf '%s' "$token" | vault_secret "$(setting .secrets.certificate.bundle)" "$folder/bundle"
    unpack_bundle "$folder/bundle" "$folder"
  else
    printf '%s' "$token" | vault_secret "$(setting .secrets.certificate.chain)" "$folder/chain"
    printf '%s' "$token" | vault_secret "$(setting .secrets.certificate.privateKey)" "$folder/private-key"
    jq --raw-output .value "$folder/chain" >"$folder/certificate.pem"
    jq --raw-output .value "$folder/private-key" >"$folder/private-key.pem"
  fi
  # Certificate and key may be updated one after the other. Until they match, keep the current pair.
  certificate_key=$(openssl x509 -in "$folder/certificate.pem" -noout -pubkey)
  private_key=$(openssl pkey -in "$folder/private-key.pem" -pubout)
  if [ "$certificate_key" != "$private_key" ]; then
    log 'the certificate and the private key in Key Vault do not belong together; the former ones stay in use'
    exit 1
  fi
}
