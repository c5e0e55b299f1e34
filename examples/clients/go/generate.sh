#!/usr/bin/env bash
# Generates the Go stubs of the proto files. Requires protoc, protoc-gen-go and protoc-gen-go-grpc:
#   go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.10
#   go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0
# Set PROTOC to use another command, such as "python -m grpc_tools.protoc", and PROTO to the folder with the proto files.
set -euo pipefail
cd "$(dirname "$0")"
proto=${PROTO:-../../../proto}
files=$(cd "$proto" && find tensorflow tensorflow_serving -name '*.proto' | sort)
options=()
for file in $files; do
  # The files declare no Go package, because they are the same for every language.
  package=tensorflow
  [[ $file == tensorflow_serving/* ]] && package=serving
  options+=("--go_opt=M$file=example.com/scoring/$package" "--go-grpc_opt=M$file=example.com/scoring/$package")
done
${PROTOC:-protoc} "-I$proto" --go_out=. --go_opt=module=example.com/scoring \
  --go-grpc_out=. --go-grpc_opt=module=example.com/scoring "${options[@]}" $files
