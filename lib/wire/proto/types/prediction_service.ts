import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Any as _google_protobuf_Any, Any__Output as _google_protobuf_Any__Output } from './google/protobuf/Any';
import type { BoolValue as _google_protobuf_BoolValue, BoolValue__Output as _google_protobuf_BoolValue__Output } from './google/protobuf/BoolValue';
import type { BytesValue as _google_protobuf_BytesValue, BytesValue__Output as _google_protobuf_BytesValue__Output } from './google/protobuf/BytesValue';
import type { DoubleValue as _google_protobuf_DoubleValue, DoubleValue__Output as _google_protobuf_DoubleValue__Output } from './google/protobuf/DoubleValue';
import type { FloatValue as _google_protobuf_FloatValue, FloatValue__Output as _google_protobuf_FloatValue__Output } from './google/protobuf/FloatValue';
import type { Int32Value as _google_protobuf_Int32Value, Int32Value__Output as _google_protobuf_Int32Value__Output } from './google/protobuf/Int32Value';
import type { Int64Value as _google_protobuf_Int64Value, Int64Value__Output as _google_protobuf_Int64Value__Output } from './google/protobuf/Int64Value';
import type { StringValue as _google_protobuf_StringValue, StringValue__Output as _google_protobuf_StringValue__Output } from './google/protobuf/StringValue';
import type { UInt32Value as _google_protobuf_UInt32Value, UInt32Value__Output as _google_protobuf_UInt32Value__Output } from './google/protobuf/UInt32Value';
import type { UInt64Value as _google_protobuf_UInt64Value, UInt64Value__Output as _google_protobuf_UInt64Value__Output } from './google/protobuf/UInt64Value';
import type { AttrValue as _tensorflow_AttrValue, AttrValue__Output as _tensorflow_AttrValue__Output } from './tensorflow/AttrValue';
import type { BytesList as _tensorflow_BytesList, BytesList__Output as _tensorflow_BytesList__Output } from './tensorflow/BytesList';
import type { Example as _tensorflow_Example, Example__Output as _tensorflow_Example__Output } from './tensorflow/Example';
import type { Feature as _tensorflow_Feature, Feature__Output as _tensorflow_Feature__Output } from './tensorflow/Feature';
import type { Features as _tensorflow_Features, Features__Output as _tensorflow_Features__Output } from './tensorflow/Features';
import type { FunctionDef as _tensorflow_FunctionDef, FunctionDef__Output as _tensorflow_FunctionDef__Output } from './tensorflow/FunctionDef';
import type { FunctionDefLibrary as _tensorflow_FunctionDefLibrary, FunctionDefLibrary__Output as _tensorflow_FunctionDefLibrary__Output } from './tensorflow/FunctionDefLibrary';
import type { GraphDef as _tensorflow_GraphDef, GraphDef__Output as _tensorflow_GraphDef__Output } from './tensorflow/GraphDef';
import type { MetaGraphDef as _tensorflow_MetaGraphDef, MetaGraphDef__Output as _tensorflow_MetaGraphDef__Output } from './tensorflow/MetaGraphDef';
import type { NameAttrList as _tensorflow_NameAttrList, NameAttrList__Output as _tensorflow_NameAttrList__Output } from './tensorflow/NameAttrList';
import type { NodeDef as _tensorflow_NodeDef, NodeDef__Output as _tensorflow_NodeDef__Output } from './tensorflow/NodeDef';
import type { OpDef as _tensorflow_OpDef, OpDef__Output as _tensorflow_OpDef__Output } from './tensorflow/OpDef';
import type { SaverDef as _tensorflow_SaverDef, SaverDef__Output as _tensorflow_SaverDef__Output } from './tensorflow/SaverDef';
import type { SignatureDef as _tensorflow_SignatureDef, SignatureDef__Output as _tensorflow_SignatureDef__Output } from './tensorflow/SignatureDef';
import type { TensorInfo as _tensorflow_TensorInfo, TensorInfo__Output as _tensorflow_TensorInfo__Output } from './tensorflow/TensorInfo';
import type { TensorProto as _tensorflow_TensorProto, TensorProto__Output as _tensorflow_TensorProto__Output } from './tensorflow/TensorProto';
import type { TensorShapeProto as _tensorflow_TensorShapeProto, TensorShapeProto__Output as _tensorflow_TensorShapeProto__Output } from './tensorflow/TensorShapeProto';
import type { VersionDef as _tensorflow_VersionDef, VersionDef__Output as _tensorflow_VersionDef__Output } from './tensorflow/VersionDef';
import type { Class as _tensorflow_serving_Class, Class__Output as _tensorflow_serving_Class__Output } from './tensorflow/serving/Class';
import type { ClassificationRequest as _tensorflow_serving_ClassificationRequest, ClassificationRequest__Output as _tensorflow_serving_ClassificationRequest__Output } from './tensorflow/serving/ClassificationRequest';
import type { ClassificationResponse as _tensorflow_serving_ClassificationResponse, ClassificationResponse__Output as _tensorflow_serving_ClassificationResponse__Output } from './tensorflow/serving/ClassificationResponse';
import type { ClassificationResult as _tensorflow_serving_ClassificationResult, ClassificationResult__Output as _tensorflow_serving_ClassificationResult__Output } from './tensorflow/serving/ClassificationResult';
import type { Classifications as _tensorflow_serving_Classifications, Classifications__Output as _tensorflow_serving_Classifications__Output } from './tensorflow/serving/Classifications';
import type { ExampleList as _tensorflow_serving_ExampleList, ExampleList__Output as _tensorflow_serving_ExampleList__Output } from './tensorflow/serving/ExampleList';
import type { ExampleListWithContext as _tensorflow_serving_ExampleListWithContext, ExampleListWithContext__Output as _tensorflow_serving_ExampleListWithContext__Output } from './tensorflow/serving/ExampleListWithContext';
import type { GetModelMetadataRequest as _tensorflow_serving_GetModelMetadataRequest, GetModelMetadataRequest__Output as _tensorflow_serving_GetModelMetadataRequest__Output } from './tensorflow/serving/GetModelMetadataRequest';
import type { GetModelMetadataResponse as _tensorflow_serving_GetModelMetadataResponse, GetModelMetadataResponse__Output as _tensorflow_serving_GetModelMetadataResponse__Output } from './tensorflow/serving/GetModelMetadataResponse';
import type { Input as _tensorflow_serving_Input, Input__Output as _tensorflow_serving_Input__Output } from './tensorflow/serving/Input';
import type { ModelSpec as _tensorflow_serving_ModelSpec, ModelSpec__Output as _tensorflow_serving_ModelSpec__Output } from './tensorflow/serving/ModelSpec';
import type { PredictRequest as _tensorflow_serving_PredictRequest, PredictRequest__Output as _tensorflow_serving_PredictRequest__Output } from './tensorflow/serving/PredictRequest';
import type { PredictResponse as _tensorflow_serving_PredictResponse, PredictResponse__Output as _tensorflow_serving_PredictResponse__Output } from './tensorflow/serving/PredictResponse';
import type { PredictionServiceClient as _tensorflow_serving_PredictionServiceClient, PredictionServiceDefinition as _tensorflow_serving_PredictionServiceDefinition } from './tensorflow/serving/PredictionService';
import type { SignatureDefMap as _tensorflow_serving_SignatureDefMap, SignatureDefMap__Output as _tensorflow_serving_SignatureDefMap__Output } from './tensorflow/serving/SignatureDefMap';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  google: {
    protobuf: {
      Any: MessageTypeDefinition<_google_protobuf_Any, _google_protobuf_Any__Output>
      BoolValue: MessageTypeDefinition<_google_protobuf_BoolValue, _google_protobuf_BoolValue__Output>
      BytesValue: MessageTypeDefinition<_google_protobuf_BytesValue, _google_protobuf_BytesValue__Output>
      DoubleValue: MessageTypeDefinition<_google_protobuf_DoubleValue, _google_protobuf_DoubleValue__Output>
      FloatValue: MessageTypeDefinition<_google_protobuf_FloatValue, _google_protobuf_FloatValue__Output>
      Int32Value: MessageTypeDefinition<_google_protobuf_Int32Value, _google_protobuf_Int32Value__Output>
      Int64Value: MessageTypeDefinition<_google_protobuf_Int64Value, _google_protobuf_Int64Value__Output>
      StringValue: MessageTypeDefinition<_google_protobuf_StringValue, _google_protobuf_StringValue__Output>
      UInt32Value: MessageTypeDefinition<_google_protobuf_UInt32Value, _google_protobuf_UInt32Value__Output>
      UInt64Value: MessageTypeDefinition<_google_protobuf_UInt64Value, _google_protobuf_UInt64Value__Output>
    }
  }
  tensorflow: {
    AttrValue: MessageTypeDefinition<_tensorflow_AttrValue, _tensorflow_AttrValue__Output>
    BytesList: MessageTypeDefinition<_tensorflow_BytesList, _tensorflow_BytesList__Output>
    DataType: EnumTypeDefinition
    Example: MessageTypeDefinition<_tensorflow_Example, _tensorflow_Example__Output>
    Feature: MessageTypeDefinition<_tensorflow_Feature, _tensorflow_Feature__Output>
    Features: MessageTypeDefinition<_tensorflow_Features, _tensorflow_Features__Output>
    FunctionDef: MessageTypeDefinition<_tensorflow_FunctionDef, _tensorflow_FunctionDef__Output>
    FunctionDefLibrary: MessageTypeDefinition<_tensorflow_FunctionDefLibrary, _tensorflow_FunctionDefLibrary__Output>
    GraphDef: MessageTypeDefinition<_tensorflow_GraphDef, _tensorflow_GraphDef__Output>
    MetaGraphDef: MessageTypeDefinition<_tensorflow_MetaGraphDef, _tensorflow_MetaGraphDef__Output>
    NameAttrList: MessageTypeDefinition<_tensorflow_NameAttrList, _tensorflow_NameAttrList__Output>
    NodeDef: MessageTypeDefinition<_tensorflow_NodeDef, _tensorflow_NodeDef__Output>
    OpDef: MessageTypeDefinition<_tensorflow_OpDef, _tensorflow_OpDef__Output>
    SaverDef: MessageTypeDefinition<_tensorflow_SaverDef, _tensorflow_SaverDef__Output>
    SignatureDef: MessageTypeDefinition<_tensorflow_SignatureDef, _tensorflow_SignatureDef__Output>
    TensorInfo: MessageTypeDefinition<_tensorflow_TensorInfo, _tensorflow_TensorInfo__Output>
    TensorProto: MessageTypeDefinition<_tensorflow_TensorProto, _tensorflow_TensorProto__Output>
    TensorShapeProto: MessageTypeDefinition<_tensorflow_TensorShapeProto, _tensorflow_TensorShapeProto__Output>
    VersionDef: MessageTypeDefinition<_tensorflow_VersionDef, _tensorflow_VersionDef__Output>
    serving: {
      Class: MessageTypeDefinition<_tensorflow_serving_Class, _tensorflow_serving_Class__Output>
      ClassificationRequest: MessageTypeDefinition<_tensorflow_serving_ClassificationRequest, _tensorflow_serving_ClassificationRequest__Output>
      ClassificationResponse: MessageTypeDefinition<_tensorflow_serving_ClassificationResponse, _tensorflow_serving_ClassificationResponse__Output>
      ClassificationResult: MessageTypeDefinition<_tensorflow_serving_ClassificationResult, _tensorflow_serving_ClassificationResult__Output>
      Classifications: MessageTypeDefinition<_tensorflow_serving_Classifications, _tensorflow_serving_Classifications__Output>
      ExampleList: MessageTypeDefinition<_tensorflow_serving_ExampleList, _tensorflow_serving_ExampleList__Output>
      ExampleListWithContext: MessageTypeDefinition<_tensorflow_serving_ExampleListWithContext, _tensorflow_serving_ExampleListWithContext__Output>
      GetModelMetadataRequest: MessageTypeDefinition<_tensorflow_serving_GetModelMetadataRequest, _tensorflow_serving_GetModelMetadataRequest__Output>
      GetModelMetadataResponse: MessageTypeDefinition<_tensorflow_serving_GetModelMetadataResponse, _tensorflow_serving_GetModelMetadataResponse__Output>
      Input: MessageTypeDefinition<_tensorflow_serving_Input, _tensorflow_serving_Input__Output>
      ModelSpec: MessageTypeDefinition<_tensorflow_serving_ModelSpec, _tensorflow_serving_ModelSpec__Output>
      PredictRequest: MessageTypeDefinition<_tensorflow_serving_PredictRequest, _tensorflow_serving_PredictRequest__Output>
      PredictResponse: MessageTypeDefinition<_tensorflow_serving_PredictResponse, _tensorflow_serving_PredictResponse__Output>
      PredictionService: SubtypeConstructor<typeof grpc.Client, _tensorflow_serving_PredictionServiceClient> & { service: _tensorflow_serving_PredictionServiceDefinition }
      SignatureDefMap: MessageTypeDefinition<_tensorflow_serving_SignatureDefMap, _tensorflow_serving_SignatureDefMap__Output>
    }
  }
}

