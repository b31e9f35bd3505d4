import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAdminClient } from '../../src/app/demo/stack/admin-client.ts';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { requiredTool } from '../../src/io/tools/find-tool.ts';
import { type Authority, createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { lineOf, ShellLab } from '../docs/shell-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';

const FLEET = `apiVersion: headgate.dev/v1
kind: Fleet
metadata: { name: edge }
spec: { match: { cluster: edge }, listeners: [ { name: api, port: 10000 } ] }
`;
const TLS = `tls:
  certificate: server/tls.crt
  key: server/tls.key
  clientAuthority: server/ca.crt
  identities: { edge: [ "spiffe://example.com/edge/*" ] }
`;

interface Running {
  readonly addresses: { readonly xds: string; readonly extProc: string };
  readonly settled: (node: string) => Promise<unknown>;
  readonly status: ReturnType<typeof createAdminClient>['status'];
  readonly metrics: () => Promise<string>;
  readonly end: () => Promise<void>;
}

describeWithTool('envoy', 'headgate bootstrap', (envoy) => {
  let lab: ShellLab;
  beforeEach(async () => {
    lab = new ShellLab([envoy, requiredTool('opa')]);
    lab.write('catalog/fleet.yaml', FLEET);
    await lab.run('git -C catalog init -b main && git -C catalog add . && git -C catalog commit -m fleet');
  });
  afterEach(() => lab.close());

  async function serve(settings: string): Promise<Running> {
    lab.write('headgate.yaml', `repository: { url: ./catalog, allowLocal: true }\n${settings}`);
    const server = lab.start('headgate serve --settings headgate.yaml');
    server.stderr?.resume();
    const addresses = JSON.parse(await lineOf(server.stdout, (line) => line.startsWith('{')));
    const admin = createAdminClient(() => `http://${addresses.admin}`);
    return {
      addresses,
      status: admin.status,
      metrics: async () => (await fetch(`http://${addresses.admin}/metrics`)).text(),
      settled: (node) =>
        waitUntil(`${node} has acknowledged`, async () =>
          (await admin.status()).proxies.find((proxy) => proxy.node === node && proxy.digest !== undefined),
        ),
      end: () => lab.end(server),
    };
  }

  /** Runs the command in an empty folder, then the command line that it printed, word for word. */
  async function startProxy(node: string, options: string, output = '--out .'): Promise<void> {
    const command = `headgate bootstrap --fleet edge --node-id ${node} --admin-port 0 ${options} ${output}`;
    const { stdout, stderr } = await lab.run(`mkdir ${node} && cd ${node} && ${command}`);
    const line = `${stdout}${stderr}`.replace('start it with: ', '').trim();
    lab.start(`bash -c 'cd ${node} && exec ${line} --log-level off --concurrency 1'`).stderr?.resume();
  }

  const listen = (xds: number, extProc: number) =>
    `listen: { xds: "127.0.0.1:${xds}", extProc: "127.0.0.1:${extProc}", admin: "127.0.0.1:0" }\n`;

  test.each(['--out .', '> edge.json'])('%s prints a command line that works in an empty folder', async (output) => {
    const { addresses, settled, status } = await serve(listen(0, 0));
    const place = `--region eu --zone eu-1 --sub-zone rack-7 --label ring=canary --port api=${await freePort()}`;
    await startProxy('edge-1', `--xds ${addresses.xds} --ext-proc ${addresses.extProc} ${place}`, output);
    await settled('edge-1');
    expect((await status()).proxies).toMatchObject([{ node: 'edge-1', fleet: 'edge', version: '1.40.0' }]);
  });

  test('--load-reports counts what proxies send to their upstreams', async () => {
    const { addresses, settled, metrics } = await serve(`loadReports: 1s\n${listen(0, 0)}`);
    const to = `--xds ${addresses.xds} --ext-proc ${addresses.extProc} --port api=${await freePort()}`;
    await startProxy('edge-1', `${to} --load-reports`);
    await settled('edge-1');
    const reported = await waitUntil(
      'a report',
      async () => /headgate_upstream_requests_total\{.*/.exec(await metrics()) ?? undefined,
    );
    expect(reported[0]).toMatch(/cluster="headgate_/);
  });

  function writeCertificates(folder: string, issuer: Authority, trusted: string, uris: readonly string[]): void {
    const { certificatePem, privateKeyPem } = issueCertificate(issuer, { hosts: ['127.0.0.1'], uris });
    const files = { 'ca.crt': trusted, 'tls.crt': certificatePem, 'tls.key': privateKeyPem };
    for (const [name, text] of Object.entries(files)) {
      const path = join(lab.folder, folder, name);
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    }
  }

  test('--tls follows certificates on both sides, and turns away who is of another fleet', async () => {
    const [first, second] = [createAuthority('first'), createAuthority('second')];
    const ports = [await freePort(), await freePort()] as const;
    await lab.run('mkdir server tls other');
    writeCertificates('server', first, first.certificatePem, []);
    writeCertificates('tls', first, first.certificatePem, ['spiffe://example.com/edge/1']);
    writeCertificates('other', first, first.certificatePem, ['spiffe://example.com/batch/1']);
    const settings = `${TLS}${listen(...ports)}`;
    const running = await serve(settings);
    const { addresses } = running;
    const to = `--xds ${addresses.xds} --ext-proc ${addresses.extProc} --port api=${await freePort()}`;
    await startProxy('edge-1', `--tls ../tls ${to}`);
    await running.settled('edge-1');

    await startProxy('intruder', `--tls ../other ${to}`);
    const refused = await waitUntil('the intruder is refused', async () => (await running.status()).refusedIdentities);
    expect(refused).toMatchObject([
      { identity: 'URI:spiffe://example.com/batch/1', cluster: 'edge', node: 'intruder' },
    ]);

    writeCertificates('server', second, second.certificatePem, []);
    writeCertificates('tls', second, second.certificatePem, ['spiffe://example.com/edge/1']);
    await waitUntil('headgate has the new certificate', async () =>
      (await running.status()).tls?.certificates.find(({ subject }) => subject === 'CN=second'),
    );
    // By the new certificate, of an authority that was not known before.
    await startProxy('edge-2', `--tls ../tls ${to.replace(/api=\d+/, `api=${await freePort()}`)}`);
    await running.settled('edge-2');
    // The one that runs since before must call again, and can only with what it read meanwhile.
    await running.end();
    const again = await serve(settings);
    await again.settled('edge-1');
  });
});
