import { afterAll, beforeAll } from 'vitest';
import { type DemoStack, type StackOptions, startStack } from '../../src/app/demo/stack/demo-stack.ts';
import { present } from '../../src/core/base/assert.ts';

/** A whole gateway for all tests of a suite: started before the first, gone after the last. Call it in a describe. */
export function useGateway(options: () => StackOptions | Promise<StackOptions> = () => ({})): () => DemoStack {
  const owned = new AsyncDisposableStack();
  let stack: DemoStack | undefined;
  beforeAll(async () => {
    stack = await startStack(owned, await options());
  });
  afterAll(() => owned.disposeAsync());
  return () => present(stack, 'the gateway');
}
