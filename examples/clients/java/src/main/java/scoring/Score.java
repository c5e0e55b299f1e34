package scoring;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import tensorflow.Tensor.TensorProto;
import tensorflow.TensorShape.TensorShapeProto;
import tensorflow.Types.DataType;
import tensorflow.serving.Predict.PredictRequest;
import tensorflow.serving.PredictionServiceGrpc;

/**
 * Scores an image: {@code SCORING_KEY=… Score ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE}.
 *
 * <p>If ROOTS.pem is empty, the file in GRPC_DEFAULT_SSL_ROOTS_FILE_PATH is read, which gRPC for Java does not do by itself.
 */
public final class Score {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  public static void main(String[] args) throws Exception {
    if (args.length != 4) {
      System.err.println("usage: Score ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE, with the key in SCORING_KEY");
      System.exit(2);
    }
    String roots = args[2].isEmpty() ? System.getenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH") : args[2];
    // overrideAuthority is needed only if the address differs from the certificate's host name, and the trust manager
    // only if no public authority issued the certificate.
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(args[0])
            .sslContext(GrpcSslContexts.forClient().trustManager(new File(roots)).build())
            .overrideAuthority(args[1])
            .build();
    try {
      FloatBuffer probabilities = score(channel, Path.of(args[3]), System.getenv("SCORING_KEY"));
      int best = 0;
      for (int each = 0; each < probabilities.limit(); each++) {
        if (probabilities.get(each) > probabilities.get(best)) {
          best = each;
        }
      }
      System.out.printf("class %d with %.1f %%%n", best, 100 * probabilities.get(best));
    } catch (StatusRuntimeException refused) {
      System.err.println(refused.getStatus());
      System.exit(1);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static FloatBuffer score(ManagedChannel channel, Path image, String key) throws Exception {
    Metadata headers = new Metadata();
    if (key != null) {
      headers.put(AUTHORIZATION, key);
    }
    TensorProto images =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_STRING)
            .setTensorShape(
                TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(1)))
            .addStringVal(ByteString.copyFrom(Files.readAllBytes(image)))
            .build();
    return floats(
        PredictionServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .predict(PredictRequest.newBuilder().putInputs("images", images).build())
            .getOutputsOrThrow("output_alias"));
  }

  /** Servers return the numbers in float_val or, as little-endian bytes, in tensor_content. */
  private static FloatBuffer floats(TensorProto tensor) {
    if (tensor.getFloatValCount() > 0) {
      FloatBuffer values = FloatBuffer.allocate(tensor.getFloatValCount());
      tensor.getFloatValList().forEach(values::put);
      return values.flip();
    }
    return tensor.getTensorContent().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
