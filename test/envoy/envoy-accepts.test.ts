import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BootstrapSettings, bootstrap, ENVOY_ARGUMENTS } from '../../src/core/envoy/bootstrap.ts';
import { compileFleet } from '../../src/core/envoy/compile-fleet.ts';
import { staticBootstrap } from '../../src/core/envoy/static-bootstrap.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { FLEET_CASES } from './fleet-cases.ts';
import { SETTINGS } from './settings.ts';

const PROXY: BootstrapSettings = {
  nodeId: 'edge-1',
  cluster: 'edge',
  ports: { api: 10_001 },
  admin: { host: '127.0.0.1', port: 0 },
  xds: { at: { host: '127.0.0.1', port: 18_000 } },
  extProc: { at: { pipe: '/run/headgate/ext-proc.sock' } },
};

/** The usage filter is alpha in 1.40, and the fallback is one function away (upstream-cluster.ts). */
const WORK_IN_PROGRESS =
  "proto file 'envoy/extensions/filters/http/ai_protocol_manager/v3/ai_protocol_manager.proto' marked as work-in-progress";

describeWithTool('envoy', 'the real Envoy accepts', (envoy) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'headgate-envoy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const authority = createAuthority();
  const settings = {
    ...SETTINGS,
    authorities: { system: { pem: authority.certificatePem }, named: { corp: { pem: authority.certificatePem } } },
  };

  /** What Envoy says about a configuration, but for its warning about each message that is work in progress. */
  function complaints(config: unknown): string[] {
    const path = file('bootstrap.json', JSON.stringify(config));
    const argv = ['--mode', 'validate', '--config-path', path, '--log-level', 'warning', ...ENVOY_ARGUMENTS];
    const run = spawnSync(envoy, argv, { encoding: 'utf8' });
    const lines = run.stderr.split('\n').filter((line) => line !== '' && !line.includes(WORK_IN_PROGRESS));
    return run.status === 0 ? lines : [`exit ${run.status}`, ...lines];
  }

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  function client(): { readonly certificatePath: string; readonly keyPath: string } {
    const { certificatePem, privateKeyPem } = issueCertificate(authority, { hosts: ['edge-1'] });
    return { certificatePath: file('certificate.pem', certificatePem), keyPath: file('key.pem', privateKeyPem) };
  }

  test.each(Object.entries(FLEET_CASES))('all resources of %s', (_name, { ir, fleet }) => {
    expect(complaints(staticBootstrap(PROXY, [compileFleet(ir, fleet, settings)]))).toEqual([]);
  });

  test('several fleets with the same names and ports in one process', () => {
    const fleets = Object.values(FLEET_CASES).map(({ ir, fleet }, index) =>
      compileFleet(ir, { ...fleet, name: `${fleet.name}-${index}` }, settings),
    );
    expect(complaints(staticBootstrap(PROXY, fleets))).toEqual([]);
  });

  test('the bootstrap with plain servers', () => {
    expect(complaints(bootstrap(PROXY))).toEqual([]);
  });

  test('the bootstrap with a server by name, over mutual TLS', () => {
    const files = { authorityPath: file('authority.pem', authority.certificatePem), ...client() };
    const tls = { ...files, serverName: 'headgate.internal.example' };
    const xds = { at: { host: 'headgate.internal.example', port: 443 }, tls };
    expect(complaints(bootstrap({ ...PROXY, xds, extProc: xds }))).toEqual([]);
  });

  test('nothing wrong: it refuses an unknown field', () => {
    expect(complaints({ ...bootstrap(PROXY), surprise: 1 }).join()).toContain('surprise');
  });
});
