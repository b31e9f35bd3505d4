import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBootSettings } from './boot-settings.ts';
import { treeContext } from './tree-context.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file beside the settings and gives its path. */
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the settings file', () => {
  test('needs a repository alone', () => {
    expect(readBootSettings(write('headgate.yaml', 'repository: { url: https://git.example/config.git }'))).toEqual({
      repository: {
        url: 'https://git.example/config.git',
        ref: 'refs/heads/main',
        path: '',
        pollMs: 5_000,
        allowLocal: false,
        forcePush: 'allow',
        revertBranches: 'push',
        access: {},
      },
      stateDirectory: join(folder, 'state'),
      secrets: new Map(),
      reporting: { installation: 'headgate', events: [] },
      authorities: new Map(),
      trustedAuthoritiesFile: '/etc/ssl/certs/ca-certificates.crt',
      listen: {
        xds: { host: '127.0.0.1', port: 18_000 },
        extProc: { host: '127.0.0.1', port: 18_001 },
        admin: { host: '127.0.0.1', port: 18_002 },
      },
    });
  });

  test('holds paths relative to its own folder', () => {
    write('ca.pem', 'PEM');
    const settings = readBootSettings(
      write(
        'headgate.yaml',
        'repository: { url: ./config, allowLocal: true }\nstate: data\nauthorities: { corp: { file: ca.pem } }\nsecrets: { k: { file: key.txt, hosts: [ a.example ] } }',
      ),
    );
    expect([settings.repository.url, settings.stateDirectory, settings.authorities, settings.secrets]).toEqual([
      join(folder, 'config'),
      join(folder, 'data'),
      new Map([['corp', 'PEM']]),
      new Map([['k', { from: { kind: 'file', path: join(folder, 'key.txt') }, hosts: ['a.example'] }]]),
    ]);
  });

  test('gives documents the names of its secrets and authorities, and where those may go', () => {
    write('ca.pem', 'PEM');
    const text =
      'repository: { url: u }\nauthorities: { corp: { file: ca.pem } }\nsecrets: { k: { env: K, hosts: [ a.example ] } }';
    expect(treeContext(readBootSettings(write('headgate.yaml', text)))).toEqual({
      secrets: { k: { hosts: ['a.example'] } },
      authorities: ['corp'],
    });
  });

  test.each<[string, string, string]>([
    ['is empty', '', 'expected object'],
    ['is no YAML', 'repository: {', 'headgate.yaml'],
    ['names no repository', 'state: x', 'repository'],
    ['has a key that is not known', 'repository: { url: u, uri: v }', 'uri'],
    [
      'has a secret from two places',
      'repository: { url: u }\nsecrets: { k: { env: A, file: b, hosts: [ h ] } }',
      'secret "k" names either env or file',
    ],
    [
      'has a secret from nowhere',
      'repository: { url: u }\nsecrets: { k: { hosts: [ h ] } }',
      'secret "k" names either env or file',
    ],
    ['has a secret that may go nowhere', 'repository: { url: u }\nsecrets: { k: { env: A, hosts: [] } }', 'hosts'],
    ['polls without a unit', 'repository: { url: u, poll: "5" }', 'write a number and a unit'],
    ['polls without a pause', 'repository: { url: u, poll: 0s }', '100ms at least'],
    ['polls less often than a timer can wait', 'repository: { url: u, poll: 30d }', '24h at the most'],
    ['listens nowhere', 'repository: { url: u }\nlisten: { xds: "18000" }', '"18000" is not HOST:PORT'],
    [
      'names an authority that is not there',
      'repository: { url: u }\nauthorities: { a: { file: gone.pem } }',
      'gone.pem',
    ],
  ])('that %s is refused with what to mend', (_what, text, message) => {
    const read = () => readBootSettings(write('headgate.yaml', text));
    expect(read).toThrow(expect.objectContaining({ code: 'boot-settings', message: expect.stringContaining(message) }));
  });

  test('that is not there is refused', () => {
    expect(() => readBootSettings(join(folder, 'none.yaml'))).toThrow(
      expect.objectContaining({ code: 'boot-settings' }),
    );
  });
});
