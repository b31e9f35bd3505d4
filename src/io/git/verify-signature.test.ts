import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useMirrorLab } from '../../../test/support/mirror-lab.ts';
import { describeWhereInstalled } from '../../../test/support/require-tool.ts';
import { makeSigningKeys, type SigningKeys } from '../../../test/support/signing-keys.ts';
import { type SignatureKeys, type Signed, verifySignature } from './verify-signature.ts';

const lab = useMirrorLab();
let keys: SigningKeys;
beforeEach(() => {
  keys = makeSigningKeys();
  lab.origin.commit({ 'a.yaml': 'a: 1\n' });
});
afterEach(() => keys.remove());

/** Commits with the signature of these words of git, and gives the commit. */
function signedCommit(words: readonly string[]): string {
  lab.origin.git(...words, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'signed');
  return lab.origin.git('rev-parse', 'HEAD');
}

/** What the verification of the newest commit gives, as text. */
async function verdict(who: Partial<SignatureKeys>, signed?: Signed): Promise<string> {
  const mirror = await lab.open();
  const { commit } = await mirror.fetch();
  const all = { sshSignersFiles: [], gpgKeysFiles: [], ...who };
  return await verifySignature(mirror.place, signed ?? { kind: 'commit', name: commit }, all).catch(
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
}

const ssh = (...lines: string[]) => ({ sshSignersFiles: [keys.file('allowed_signers', lines.join(''))] });
const gpg = (...armored: string[]) => ({ gpgKeysFiles: armored.map((text, index) => keys.file(`${index}.asc`, text)) });

describeWhereInstalled('ssh-keygen', 'a commit', () => {
  test('that nobody signed', async () => {
    const { line } = keys.ssh('ada@example.com');
    expect(await verdict(ssh(line))).toBe('git-signature-missing: the commit is not signed');
  });

  test('that an allowed signer signed by ssh is theirs', async () => {
    const [ada, eve] = [keys.ssh('ada@example.com'), keys.ssh('eve@example.com')];
    signedCommit(ada.words);
    expect(await verdict(ssh(eve.line, ada.line))).toBe('ada@example.com');
  });

  test('that somebody else signed by ssh', async () => {
    const [ada, eve] = [keys.ssh('ada@example.com'), keys.ssh('eve@example.com')];
    signedCommit(eve.words);
    expect(await verdict(ssh(ada.line))).toBe(
      'git-signer-unknown: the commit is not verified: none of the allowed signers signed',
    );
  });

  test('whose signer may sign other things only', async () => {
    const ada = keys.ssh('ada@example.com', 'namespaces="file"');
    signedCommit(ada.words);
    expect(await verdict(ssh(ada.line))).toMatch(/^git-sign/);
  });

  test('that was changed after it was signed', async () => {
    const ada = keys.ssh('ada@example.com');
    signedCommit(ada.words);
    const forged = lab.origin.git('cat-file', 'commit', 'HEAD').replace(/signed\s*$/, 'forged\n');
    const path = keys.file('forged', forged);
    lab.origin.git('update-ref', 'HEAD', lab.origin.git('hash-object', '-t', 'commit', '-w', path));
    expect(await verdict(ssh(ada.line))).toBe(
      'git-signature-invalid: the commit is not verified: the signature does not fit',
    );
  });

  test('cannot be judged where the program for it is missing', async () => {
    const ada = keys.ssh('ada@example.com');
    const commit = signedCommit(ada.words);
    const gitPath = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
    const mirror = await lab.open({ gitPath });
    await mirror.fetch();
    vi.stubEnv('PATH', '/nonexistent');
    const all = { gpgKeysFiles: [], ...ssh(ada.line) };
    const asked = verifySignature(mirror.place, { kind: 'commit', name: commit }, all);
    await expect(asked).rejects.toMatchObject({ code: 'git-missing' });
    vi.unstubAllEnvs();
  });

  test('is judged by the keys as they are now', async () => {
    const ada = keys.ssh('ada@example.com');
    signedCommit(ada.words);
    const who = ssh(ada.line);
    expect(await verdict(who)).toBe('ada@example.com');
    writeFileSync(who.sshSignersFiles[0] ?? '', '');
    expect(await verdict(who)).toMatch(/^git-signer-unknown/);
  });

  test('is not judged by keys that cannot be read', async () => {
    expect(await verdict({ sshSignersFiles: [`${keys.folder}/none`] })).toBe(
      'git-settings: a file of those who may sign cannot be read',
    );
  });
});

describeWhereInstalled('gpg', 'a commit signed by OpenPGP', () => {
  test('that a key signed is its address', async () => {
    const [ada, eve] = [keys.gpg('Ada <ada@example.com>'), keys.gpg('Eve <eve@example.com>')];
    signedCommit(ada.words);
    expect(await verdict(gpg(eve.key, ada.key))).toBe('ada@example.com');
    expect(await verdict(gpg(eve.key))).toBe(
      'git-signer-unknown: the commit is not verified: none of the allowed signers signed',
    );
  });

  test('that a key without an address signed is its fingerprint', async () => {
    const build = keys.gpg('build robot');
    signedCommit(build.words);
    expect(await verdict(gpg(build.key))).toMatch(/^[0-9A-F]{40}$/);
  });

  test('that a key signed which has expired since', async () => {
    const ada = keys.gpg('Ada <ada@example.com>', '2026-06-01');
    signedCommit([...ada.words, '-c', `gpg.program=${keys.atTime('20260301T000000')}`]);
    expect(await verdict(gpg(ada.key))).toBe(
      'git-signature-invalid: the commit is not verified: the key or the signature has expired',
    );
  });

  test('is not judged by keys that are none', async () => {
    expect(await verdict(gpg('no key'))).toBe('git-settings: a file of OpenPGP keys cannot be read by gpg');
  });
});

describeWhereInstalled('ssh-keygen', 'a tag', () => {
  test('has a signature of its own', async () => {
    const ada = keys.ssh('ada@example.com');
    lab.origin.git(...ada.words, 'tag', '-s', '-m', 'one', 'v1');
    lab.origin.git('tag', '-a', '-m', 'two', 'v2');
    const mirror = await lab.open({ ref: { tag: 'v1' } });
    await mirror.fetch();
    const all = { gpgKeysFiles: [], ...ssh(ada.line) };
    const tag = { kind: 'tag', name: 'refs/headgate/source' } as const;
    expect(await verifySignature(mirror.place, tag, all)).toBe('ada@example.com');
    const other = await lab.open({ ref: { tag: 'v2' }, directory: `${lab.directory}/2` });
    await other.fetch();
    await expect(verifySignature(other.place, tag, all)).rejects.toMatchObject({ code: 'git-signature-missing' });
  });

  test('that is only a name of a commit has none', async () => {
    const ada = keys.ssh('ada@example.com');
    signedCommit(ada.words);
    expect(await verdict(ssh(ada.line), { kind: 'tag', name: 'refs/headgate/source' })).toBe(
      'git-signature-missing: the tag is not signed',
    );
  });
});
