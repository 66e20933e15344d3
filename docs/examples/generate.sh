#!/bin/sh
# generate.sh python|go FOLDER: the example in a folder of its own, together with the typed client made from proto/.
# Needs protoc with Google's own .proto files (Debian: protobuf-compiler, libprotobuf-dev), for Go also go.
set -eu
[ $# = 2 ] || { echo "usage: $0 python|go FOLDER" >&2; exit 2; }
language=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
examples=$(cd "$(dirname "$0")" && pwd)
proto=$examples/../../proto

case "$language" in
  python)
    cp "$examples/python/send_request.py" "$examples/python/requirements.txt" "$folder"
    protoc -I "$proto" --python_out="$folder" "$proto/types.proto" "$proto/send_requests.proto"
    ;;
  go)
    cp "$examples/go/main.go" "$examples/go/go.mod" "$examples/go/go.sum" "$folder"
    # The generator comes from the module that go.mod pins. The .proto files name no Go package: M says where they go.
    (cd "$folder" && go build -o protoc-gen-go google.golang.org/protobuf/cmd/protoc-gen-go)
    mkdir -p "$folder/events"
    protoc -I "$proto" --plugin="$folder/protoc-gen-go" --go_out="$folder/events" --go_opt=paths=source_relative \
      --go_opt=Mtypes.proto=send-request/events --go_opt=Msend_requests.proto=send-request/events \
      "$proto/types.proto" "$proto/send_requests.proto"
    ;;
  *)
    echo "$0: no example in '$language'; there are python and go" >&2
    exit 2
    ;;
esac
