// The peer of our transport: grpc-go, which takes a PredictRequest over TLS with a key, finds its images and answers
// 1000 floats for each. It reads what to serve from standard input and says its port on standard output.
package main

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

type order struct {
	Certificate string `json:"certificate"`
	PrivateKey  string `json:"privateKey"`
	Key         string `json:"key"`
}

// The messages are read and written here: generated code would need a compiler that few machines have, and this is
// not slower.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(message any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*message.(*[]byte))}, nil
}

func (bytesCodec) Unmarshal(data mem.BufferSlice, message any) error {
	*message.(*[]byte) = data.Materialize()
	return nil
}

// field returns the bytes of every length-delimited field of this number.
func field(message []byte, number protowire.Number) ([][]byte, error) {
	var found [][]byte
	for len(message) > 0 {
		num, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		message = message[n:]
		n = protowire.ConsumeFieldValue(num, kind, message)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		if num == number && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			found = append(found, value)
		}
		message = message[n:]
	}
	return found, nil
}

// images follows PredictRequest.inputs (2), the map entry's value (2) and TensorProto.string_val (8).
func images(request []byte) (int, error) {
	count := 0
	entries, err := field(request, 2)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		tensors, err := field(entry, 2)
		if err != nil {
			return 0, err
		}
		for _, tensor := range tensors {
			values, err := field(tensor, 8)
			if err != nil {
				return 0, err
			}
			count += len(values)
		}
	}
	return count, nil
}

func answer(count int) []byte {
	content := make([]byte, 4*1000*count)
	for i := 0; i < len(content); i += 4 {
		binary.LittleEndian.PutUint32(content[i:], math.Float32bits(0.001))
	}
	var shape []byte
	for _, size := range []int{count, 1000} {
		dim := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(size))
		shape = protowire.AppendBytes(protowire.AppendTag(shape, 2, protowire.BytesType), dim)
	}
	tensor := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1)
	tensor = protowire.AppendBytes(protowire.AppendTag(tensor, 2, protowire.BytesType), shape)
	tensor = protowire.AppendBytes(protowire.AppendTag(tensor, 4, protowire.BytesType), content)
	entry := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "output_alias")
	entry = protowire.AppendBytes(protowire.AppendTag(entry, 2, protowire.BytesType), tensor)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), entry)
}

func main() {
	var given order
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		log.Fatal(err)
	}
	pair, err := tls.X509KeyPair([]byte(given.Certificate), []byte(given.PrivateKey))
	if err != nil {
		log.Fatal(err)
	}
	predict := func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		headers, _ := metadata.FromIncomingContext(ctx)
		keys := headers.Get("authorization")
		if len(keys) != 1 || subtle.ConstantTimeCompare([]byte(keys[0]), []byte(given.Key)) != 1 {
			return nil, status.Error(codes.Unauthenticated, "wrong key")
		}
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		count, err := images(request)
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		response := answer(count)
		return &response, nil
	}
	server := grpc.NewServer(
		grpc.Creds(credentials.NewServerTLSFromCert(&pair)),
		grpc.ForceServerCodecV2(bytesCodec{}),
		grpc.MaxRecvMsgSize(32<<20),
	)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "tensorflow.serving.PredictionService",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Predict", Handler: predict}},
	}, struct{}{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(server.Serve(listener))
}
