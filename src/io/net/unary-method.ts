import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { GrpcCall, GrpcMethod } from './grpc-method.ts';
import { GRPC_STATUS, type GrpcStatus } from './grpc-reply.ts';

/** What a unary method does. */
export interface UnaryMethod<Request extends DescMessage, Response extends DescMessage> {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly requestBytesMax: number;
  readonly request: Request;
  readonly response: Response;
  /** The response, or why there is none. */
  readonly answer: (
    request: MessageShape<Request>,
    call: GrpcCall,
  ) => MessageInitShape<Response> | { readonly refused: GrpcStatus; readonly message: string };
}

/** A method that takes one message and answers with one, or with a status. */
export function unaryMethod<Request extends DescMessage, Response extends DescMessage>(
  method: UnaryMethod<Request, Response>,
): GrpcMethod {
  const { path, requestBytesMax } = method;
  const nothing = (): undefined => undefined;
  const open = (call: GrpcCall) => ({
    message: (bytes: Uint8Array) => answer(method, call, bytes),
    halfClosed: nothing,
    closed: nothing,
  });
  return { path, requestBytesMax, open };
}

function answer<Request extends DescMessage, Response extends DescMessage>(
  method: UnaryMethod<Request, Response>,
  call: GrpcCall,
  bytes: Uint8Array,
): void {
  let request: MessageShape<Request>;
  try {
    request = fromBinary(method.request, bytes, { readUnknownFields: false });
  } catch {
    call.end(GRPC_STATUS.invalidArgument);
    return;
  }
  const outcome = method.answer(request, call);
  if ('refused' in outcome) {
    call.end(outcome.refused as GrpcStatus, outcome.message as string);
    return;
  }
  call.write(toBinary(method.response, create(method.response, outcome as MessageInitShape<Response>)));
  call.end(GRPC_STATUS.ok);
}
