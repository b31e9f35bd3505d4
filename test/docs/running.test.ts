import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAdminApi } from '../../src/app/admin/admin-api.ts';
import { createMetrics } from '../../src/app/metrics.ts';
import { readBootSettings } from '../../src/app/settings/boot-settings.ts';
import { formatListenAddress } from '../../src/io/net/listen-address.ts';
import { meantCommand } from '../support/meant-command.ts';
import { ROOT, shownCommands, shownFiles } from './fenced-blocks.ts';
import { ShellLab } from './shell-lab.ts';

const PAGE = 'docs/running.md';
const text = readFileSync(join(ROOT, PAGE), 'utf8');

/** The cells of the table rows that begin with a code word: without its back quotes. */
function rows(heading: string): string[][] {
  const section = text.slice(text.indexOf(`## ${heading}`)).split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => line.slice(1, -1).split('|')).map((cells) => cells.map((cell) => cell.trim()));
}

const unquoted = (cell = ''): string => cell.replaceAll('`', '');

describe('the boot settings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-settings-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function read(name: string, settings: string) {
    writeFileSync(join(folder, name), settings);
    return readBootSettings(join(folder, name));
  }

  test('mean what the page says, field by field', () => {
    const files = ['company.pem'];
    mkdirSync(join(folder, 'certificates'));
    for (const file of files) writeFileSync(join(folder, 'certificates', file), `the text of ${file}`);
    const [shown] = shownFiles(PAGE);
    expect(read('all.yaml', shown?.text ?? '')).toEqual({
      repository: {
        url: 'https://git.example.com/gateway/config.git',
        ref: { branch: 'main' },
        path: 'gateway',
        pollMs: 5_000,
        allowLocal: false,
        forcePush: 'refuse',
        revertBranches: 'push',
        access: {
          login: { username: 'headgate', token: { kind: 'file', path: join(folder, 'keys/repository.token') } },
          ssh: { keyFile: join(folder, 'keys/repository'), knownHostsFile: join(folder, 'keys/known_hosts') },
          authorityFile: join(folder, 'certificates/company.pem'),
          clientCertificate: {
            certificateFile: join(folder, 'certificates/headgate.pem'),
            keyFile: join(folder, 'certificates/headgate.key'),
          },
          proxy: 'http://proxy.example.com:3128',
        },
        verify: {
          mode: 'head',
          keys: {
            sshSignersFiles: [join(folder, 'keys/allowed_signers')],
            gpgKeysFiles: [join(folder, 'keys/release.asc')],
          },
        },
      },
      webhooks: {
        listen: { host: '127.0.0.1', port: 18_003 },
        tls: {
          certificate: join(folder, 'certificates/headgate.pem'),
          key: join(folder, 'certificates/headgate.key'),
        },
        secrets: new Map([['gitlab', { kind: 'file', path: join(folder, 'keys/webhook.secret') }]]),
      },
      stateDirectory: join(folder, 'state'),
      secrets: new Map([
        ['openai-key', { from: { kind: 'env', name: 'OPENAI_API_KEY' }, hosts: ['api.openai.com'] }],
        ['own-key', { from: { kind: 'file', path: join(folder, 'keys/own.key') }, hosts: ['llm.example.com:8443'] }],
      ]),
      authorities: new Map([['company', 'the text of company.pem']]),
      trustedAuthoritiesFile: '/etc/ssl/certs/ca-certificates.crt',
      listen: {
        xds: { host: '127.0.0.1', port: 18_000 },
        extProc: { host: '127.0.0.1', port: 18_001 },
        admin: { host: '127.0.0.1', port: 18_002 },
      },
      tls: {
        files: {
          certificate: join(folder, 'certificates/headgate.pem'),
          key: join(folder, 'certificates/headgate.key'),
          clientAuthority: join(folder, 'certificates/proxies.pem'),
        },
        identities: new Map([
          [
            'edge',
            [
              { kind: 'URI', text: 'spiffe://example.com/edge/', match: 'prefix' },
              { kind: 'DNS', text: '.edge.example.com', match: 'one-label' },
            ],
          ],
        ]),
      },
      deciders: {
        listen: { host: '127.0.0.1', port: 18_004 },
        identities: [{ kind: 'URI', text: 'spiffe://example.com/decider/', match: 'prefix' }],
      },
      loadReportMs: 30_000,
      reporting: {
        installation: 'prod-eu',
        statuses: {
          target: {
            ...{ kind: 'gitlab', api: 'https://git.example.com/api/v4', repository: 'gateway/config' },
            authorityPem: 'the text of company.pem',
          },
          token: { kind: 'file', path: join(folder, 'keys/forge.token') },
          link: 'https://dashboards.example.com/headgate/{commit}',
        },
        events: [
          { target: { url: 'https://hooks.example.com/headgate' }, secret: { kind: 'env', name: 'HOOK_SECRET' } },
        ],
      },
    });
  });

  test('have the defaults of the table', () => {
    const { repository, listen, trustedAuthoritiesFile, stateDirectory, reporting, webhooks, deciders } = read(
      'least.yaml',
      'repository: { url: https://git.example.com/config.git }\nwebhooks: { secrets: { github: { env: A } } }\ndeciders: {}\n',
    );
    const given = {
      'repository.ref': repository.ref,
      'repository.poll': `${repository.pollMs / 1_000}s`,
      'repository.allowLocal': String(repository.allowLocal),
      'repository.forcePush': repository.forcePush,
      'repository.revertBranches': repository.revertBranches,
      state: stateDirectory.slice(dirname(stateDirectory).length + 1),
      trustedAuthoritiesFile,
      'listen.xds': formatListenAddress(listen.xds),
      'listen.extProc': formatListenAddress(listen.extProc),
      'listen.admin': formatListenAddress(listen.admin),
      'deciders.listen': deciders && formatListenAddress(deciders.listen),
      'reporting.installation': reporting.installation,
      'webhooks.listen': webhooks && formatListenAddress(webhooks.listen),
    };
    const told = rows('Boot settings').filter(([, value]) => value?.startsWith('`'));
    expect(Object.fromEntries(told.map(([field, value]) => [unquoted(field), unquoted(value)]))).toEqual(given);
  });
});

test('the metrics are those of the page', async () => {
  const names = (await createMetrics().text()).matchAll(/^# TYPE ((?:headgate|gen_ai)_\w+)/gm);
  expect(rows('Metrics').map(([metric]) => unquoted(metric))).toEqual(
    expect.arrayContaining([...names].map(([, name]) => name)),
  );
});

test('the admin API answers what the page lists', async () => {
  const missing = () => Promise.reject(new Error('not asked'));
  const api = await startAdminApi({ host: '127.0.0.1', port: 0 }, {
    status: missing,
    reconcile: missing,
    record: missing,
    records: missing,
    metrics: missing,
    ready: () => true,
  } as never);
  const requests = rows('Asking it').map(([request]) => unquoted(request).split(' '));
  const answers = await Promise.all(
    requests.map(
      async ([method = '', path = '']) =>
        (await fetch(new URL(path, `http://${formatListenAddress(api.address)}`), { method })).status,
    ),
  );
  await api.close();
  expect(requests.length).toBe(19);
  expect(answers.filter((status) => status === 404)).toEqual([]);
});

describe('the commands that pages show', () => {
  const commands = [...shownCommands('README.md'), ...shownCommands(PAGE), ...shownCommands('docs/deciders.md')].filter(
    (line) => line.startsWith('headgate'),
  );
  let lab: ShellLab;
  beforeAll(() => {
    lab = new ShellLab([]);
  });
  afterAll(() => lab.close());

  test.each(commands)('are understood: %s', async (line) => {
    expect(`${line} `.startsWith(`${await meantCommand(line)} `)).toBe(true);
  });

  test('print a bootstrap file each', async () => {
    const bootstraps = shownCommands(PAGE).filter((command) => command.startsWith('headgate bootstrap'));
    const printed = await Promise.all(bootstraps.map((command) => lab.run(command)));
    const nodes = printed.map(({ stdout }) => (JSON.parse(stdout) as { node: { id: string } }).node.id);
    expect(nodes).toEqual(['edge-1', 'edge-2']);
  });
});
