import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Keys of people who sign, made for one test. */
export interface SigningKeys {
  readonly folder: string;
  /** Makes an ssh key, and gives the words that make git sign with it, and its line of an allowed signers file. */
  ssh(principal: string, options?: string): { readonly words: readonly string[]; readonly line: string };
  /** Makes an OpenPGP key, and gives the words that make git sign with it, and its public half, armored. */
  gpg(userId: string, expiry?: string): { readonly words: readonly string[]; readonly key: string };
  /** A gpg that believes it to be that time. */
  atTime(time: string): string;
  /** Writes a file beside the keys and gives its path. */
  file(name: string, text: string): string;
  remove(): void;
}

export function makeSigningKeys(): SigningKeys {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-keys-'));
  const gpgHome = join(folder, 'gpg');
  mkdirSync(gpgHome, { mode: 0o700 });
  const program = join(folder, 'gpg-of-test');
  writeFileSync(program, `#!/bin/sh\nexec gpg --homedir '${gpgHome}' --batch --quiet "$@"\n`);
  chmodSync(program, 0o755);
  let hasAgent = false;
  const run = (name: string, ...words: string[]) => execFileSync(name, words, { stdio: 'pipe' }).toString();
  return {
    folder,
    ssh(principal, options = 'namespaces="git"') {
      const path = join(folder, `ssh-${Buffer.from(principal).toString('hex')}`);
      run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path);
      const words = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${path}`];
      return { words, line: `${principal} ${options} ${readFileSync(`${path}.pub`, 'utf8')}` };
    },
    gpg(userId, expiry = '0') {
      hasAgent = true;
      const making = ['--passphrase', '', '--faked-system-time', '20260101T000000', '--quick-generate-key'];
      run(program, ...making, userId, 'ed25519', 'sign', expiry);
      const words = ['-c', 'gpg.format=openpgp', '-c', `gpg.program=${program}`, '-c', `user.signingKey=${userId}`];
      return { words, key: run(program, '--armor', '--export', userId) };
    },
    atTime(time) {
      const path = join(folder, `gpg-at-${time}`);
      writeFileSync(path, `#!/bin/sh\nexec '${program}' --faked-system-time ${time} "$@"\n`);
      chmodSync(path, 0o755);
      return path;
    },
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove() {
      if (hasAgent) execFileSync('gpgconf', ['--homedir', gpgHome, '--kill', 'all'], { stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
