import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { METRICS_TEXT, PLAIN_TEXT } from './chat-answers.ts';
import { startStaticEnvoy } from './static-envoy.ts';

/**
 * Engines that are an Envoy with direct responses: it answers as soon as it has the headers, so whoever asked closes
 * the connection and opens one for each request. Other gateways were measured with such an upstream.
 */
export async function startEagerUpstream(
  owned: AsyncDisposableStack,
  folder: string,
  engines: number,
): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let engine = 0; engine < engines; engine += 1) ports.push(await freePort());
  const routes = [answering('/metrics', METRICS_TEXT), answering('/', PLAIN_TEXT)];
  const envoy = await startStaticEnvoy({
    name: 'eager-upstream',
    folder,
    listeners: ports.map((port) => ({ port, routes })),
  });
  owned.defer(() => envoy.close());
  return ports;
}

function answering(prefix: string, text: string) {
  return { match: { prefix }, direct_response: { status: 200, body: { inline_string: text } } };
}
