// Scores an image:
//
//	SCORING_KEY=… go run . ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE
//
// If ROOTS.pem is "", the file in GRPC_DEFAULT_SSL_ROOTS_FILE_PATH is read, which gRPC for Go does not do by itself.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"log"
	"math"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"example.com/scoring/serving"
	"example.com/scoring/tensorflow"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("usage: score ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE, with the key in SCORING_KEY")
	}
	probabilities, err := score(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Getenv("SCORING_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	best := 0
	for class, probability := range probabilities {
		if probability > probabilities[best] {
			best = class
		}
	}
	fmt.Printf("class %d with %.1f %%\n", best, 100*probabilities[best])
}

func score(address, hostname, roots, image, key string) ([]float32, error) {
	if roots == "" {
		roots = os.Getenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH")
	}
	pem, err := os.ReadFile(roots)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s contains no certificate", roots)
	}
	bytes, err := os.ReadFile(image)
	if err != nil {
		return nil, err
	}
	// ServerName is needed only if the address differs from the certificate's host name, and RootCAs only if no public
	// authority issued the certificate.
	secure := credentials.NewTLS(&tls.Config{RootCAs: trusted, ServerName: hostname})
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(secure))
	if err != nil {
		return nil, err
	}
	defer connection.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", key)
	}
	response, err := serving.NewPredictionServiceClient(connection).Predict(ctx, &serving.PredictRequest{
		Inputs: map[string]*tensorflow.TensorProto{"images": {
			Dtype:       tensorflow.DataType_DT_STRING,
			TensorShape: &tensorflow.TensorShapeProto{Dim: []*tensorflow.TensorShapeProto_Dim{{Size: 1}}},
			StringVal:   [][]byte{bytes},
		}},
	})
	if err != nil {
		return nil, err
	}
	return floats(response.GetOutputs()["output_alias"]), nil
}

// Servers return the numbers in float_val or, as little-endian bytes, in tensor_content.
func floats(tensor *tensorflow.TensorProto) []float32 {
	if len(tensor.GetFloatVal()) > 0 {
		return tensor.GetFloatVal()
	}
	content := tensor.GetTensorContent()
	numbers := make([]float32, len(content)/4)
	for i := range numbers {
		numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(content[4*i:]))
	}
	return numbers
}
