import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Endpoint } from '../ir/upstream.ts';
import type { Catalog } from './catalog.ts';
import { checkReference } from './check-reference.ts';
import type { DocumentOf } from './document.ts';
import { parseEndpoint } from './endpoint-url.ts';
import { PROVIDER_DEFAULTS } from './provider.ts';

export function* checkProvider(document: DocumentOf<'Provider'>, catalog: Catalog): Generator<Diagnostic> {
  const { spec, source } = document;
  const text = spec.endpoint ?? PROVIDER_DEFAULTS[spec.type];
  yield* checkNames(document, catalog);
  if (spec.type !== 'openai-compatible' && spec.secret === undefined) {
    const hint = 'add `secret:` with a name from the boot settings';
    yield diagnostic(
      'HG3216',
      locate(source, ['spec', 'type']),
      `${quoted(spec.type)} is never reached without a key`,
      { hint },
    );
  }
  if (text === undefined) {
    const hint = 'add `endpoint: https://...`; there is no public one to fall back to';
    yield diagnostic('HG3202', locate(source, ['spec', 'type']), `${quoted(spec.type)} needs an endpoint`, { hint });
    return;
  }
  const endpoint = parseEndpoint(text);
  if ('problem' in endpoint) {
    const span = locate(source, ['spec', 'endpoint']);
    yield diagnostic('HG3204', span, `the endpoint cannot be used: ${endpoint.problem}`);
    return;
  }
  yield* checkTransport(document, endpoint, catalog);
}

function* checkNames(document: DocumentOf<'Provider'>, { context }: Catalog): Generator<Diagnostic> {
  const { secret, tls } = document.spec;
  if (context === undefined) return;
  const secrets = new Map(Object.keys(context.secrets).map((name) => [name, {}]));
  const authorities = new Map(context.authorities.map((name) => [name, {}]));
  if (secret !== undefined) yield* checkReference('HG3108', document, ['spec', 'secret'], secret, secrets);
  const path = ['spec', 'tls', 'authority'];
  if (tls !== undefined) yield* checkReference('HG3109', document, path, tls.authority, authorities);
}

function* checkTransport(
  document: DocumentOf<'Provider'>,
  endpoint: Endpoint,
  catalog: Catalog,
): Generator<Diagnostic> {
  const { spec, source } = document;
  if (endpoint.scheme === 'http' && spec.secret !== undefined) {
    const message = 'the key would travel in the clear';
    yield diagnostic('HG3203', locate(source, ['spec', 'endpoint']), message, { hint: 'use https://' });
  }
  if (endpoint.scheme === 'http' && spec.tls !== undefined) {
    const message = 'the endpoint is http, so nothing reads these TLS settings';
    yield diagnostic('HG3217', locate(source, ['spec', 'tls'], 'key'), message, {
      hint: 'use https://, or remove them',
    });
  }
  const hosts = spec.secret === undefined ? undefined : catalog.context?.secrets[spec.secret]?.hosts;
  const allowed = [endpoint.host, `${endpoint.host}:${endpoint.port}`];
  if (hosts !== undefined && !hosts.some((host) => allowed.includes(host))) {
    const message = `the boot settings do not let ${quoted(spec.secret ?? '')} go to ${quoted(endpoint.host)}`;
    const hint = `allow the host there; now: ${hosts.join(', ')}`;
    yield diagnostic('HG3110', locate(source, ['spec', 'secret']), message, { hint });
  }
}
