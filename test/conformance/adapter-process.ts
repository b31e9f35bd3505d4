import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import {
  AddResourceResponseSchema,
  clearStateRequestSchema,
  clearStateResponseSchema,
  RemoveResourceResponseSchema,
  ResourceRequestSchema,
  SetStateRequestSchema,
  SetStateResponseSchema,
  UpdateResourceResponseSchema,
} from '../../src/gen/adapter/adapter_pb.js';
import { namedOnly } from '../support/adapter-resource.ts';

const PROGRAM = join(import.meta.dirname, '../support/adapter.ts');

/** The adapter as a process of its own, and a client of the service that sets its state. */
export class AdapterProcess {
  readonly xdsPort: number;
  readonly #client: Client;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, xdsPort: number, adapterPort: number) {
    this.#child = child;
    this.xdsPort = xdsPort;
    this.#client = new Client(`127.0.0.1:${adapterPort}`, credentials.createInsecure());
  }

  static async start(): Promise<AdapterProcess> {
    const child = spawn(process.execPath, [PROGRAM, '--xds', '0', '--adapter', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const [, xds, adapter] = /^ready: xds on port (\d+), adapter on port (\d+)$/.exec(line) ?? [];
    return new AdapterProcess(child, Number(xds), Number(adapter));
  }

  /** Resources that have a name and nothing else, of each type. */
  setState(node: string, version: string, names: Readonly<Record<string, readonly string[]>>): Promise<unknown> {
    const resources = Object.entries(names).flatMap(([typeUrl, list]) =>
      list.map((name) => ({ typeUrl, value: namedOnly(name) })),
    );
    return this.setResources(node, version, resources);
  }

  setResources(node: string, version: string, resources: { typeUrl: string; value: Uint8Array }[]): Promise<unknown> {
    return this.#call('SetState', SetStateRequestSchema, SetStateResponseSchema, { node, version, resources });
  }

  async clearState(node: string): Promise<string> {
    const answer = await this.#call('ClearState', clearStateRequestSchema, clearStateResponseSchema, { node });
    return answer.response;
  }

  async change(
    kind: 'Add' | 'Update' | 'Remove',
    node: string,
    [typeUrl, resourceName, version]: readonly [string, string, string],
  ): Promise<boolean> {
    const response = {
      Add: AddResourceResponseSchema,
      Update: UpdateResourceResponseSchema,
      Remove: RemoveResourceResponseSchema,
    }[kind];
    const fields = { node, typeUrl, resourceName, version };
    return (await this.#call(`${kind}Resource`, ResourceRequestSchema, response, fields)).success;
  }

  async stop(): Promise<void> {
    this.#client.close();
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  #call<Request extends DescMessage, Response extends DescMessage>(
    method: string,
    request: Request,
    response: Response,
    fields: MessageInitShape<Request>,
  ): Promise<MessageShape<Response>> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/adapter.Adapter/${method}`,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => fromBinary(response, bytes),
        toBinary(request, create(request, fields)),
        (error, message) => (error === null && message !== undefined ? resolve(message) : reject(error)),
      );
    });
  }
}
