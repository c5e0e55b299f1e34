// Scores an image: SCORING_KEY=… dotnet run -- HOSTNAME:PORT ROOTS.pem IMAGE
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Tensorflow;
using Tensorflow.Serving;

if (args.Length != 3)
{
    Console.Error.WriteLine("usage: Score HOSTNAME:PORT ROOTS.pem IMAGE, with the key in SCORING_KEY");
    return 2;
}

// If a public authority issued the certificate, omit SslOptions.
var roots = new X509Certificate2Collection();
roots.ImportFromPemFile(args[1]);
var policy = new X509ChainPolicy
{
    TrustMode = X509ChainTrustMode.CustomRootTrust,
    RevocationMode = X509RevocationMode.NoCheck,
};
policy.CustomTrustStore.AddRange(roots);
var handler = new SocketsHttpHandler
{
    SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
};
using var channel = GrpcChannel.ForAddress($"https://{args[0]}", new GrpcChannelOptions { HttpHandler = handler });

var images = new TensorProto
{
    Dtype = DataType.DtString,
    TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 1 } } },
    StringVal = { ByteString.CopyFrom(File.ReadAllBytes(args[2])) },
};
var headers = new Metadata();
if (Environment.GetEnvironmentVariable("SCORING_KEY") is { Length: > 0 } key)
{
    headers.Add("authorization", key);
}
var response = await new PredictionService.PredictionServiceClient(channel).PredictAsync(
    new PredictRequest { Inputs = { ["images"] = images } },
    headers,
    deadline: DateTime.UtcNow.AddSeconds(30));

// Servers answer in FloatVal or in TensorContent: little-endian bytes, which is the native order of every platform that .NET
// supports except s390x.
var output = response.Outputs["output_alias"];
var probabilities = output.FloatVal.Count > 0
    ? output.FloatVal.ToArray()
    : MemoryMarshal.Cast<byte, float>(output.TensorContent.Span).ToArray();
var best = Array.IndexOf(probabilities, probabilities.Max());
Console.WriteLine($"class {best} with {100 * probabilities[best]:F1} %");
return 0;
