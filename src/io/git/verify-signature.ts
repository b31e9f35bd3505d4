import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';
import { SourceError, type SourceErrorCode } from './source-error.ts';
import { askGit, type Workplace } from './workplace.ts';

/** Who may sign. */
export interface SignatureKeys {
  /** Files as of ssh-keygen's `allowed_signers`, with the principals that are told. */
  readonly sshSignersFiles: readonly string[];
  /** Files of OpenPGP public keys, armored or not. */
  readonly gpgKeysFiles: readonly string[];
}

export interface Signed {
  readonly kind: 'commit' | 'tag';
  /** An object id, or the name of a ref of the mirror. */
  readonly name: string;
}

const KEY_FILE_BYTES_MAX = 1024 * 1024;
const IMPORT_TIMEOUT_MS = 20_000;

/**
 * Asks git whether one of the keys signed a commit or a tag. The files are read anew, so that keys can come and go.
 * @returns who: the principal of an ssh signer, the address (else the fingerprint) of an OpenPGP key
 * @throws SourceError `git-signature-missing`, `git-signature-invalid`, `git-signer-unknown`; `git-settings` when the
 *   keys cannot be read
 */
export async function verifySignature(place: Workplace, signed: Signed, keys: SignatureKeys): Promise<string> {
  const ring = await keyRing(place.program.home, keys);
  const { errorOutput } = await askGit(place, {
    arguments: [
      '-c',
      `gpg.ssh.allowedSignersFile=${ring.sshSigners}`,
      `verify-${signed.kind}`,
      '--raw',
      '--end-of-options',
      signed.name,
    ],
    doing: 'verify the signature',
    // 1: not verified; its words tell why. Whether it is a signer of ours is read from those of success alone.
    answers: [0, 1],
    environment: { GNUPGHOME: ring.gpgHome },
  }).then(({ status, ...said }) => (status === 0 ? said : refuse(signed, said.errorOutput)));
  const signer = signerOf(errorOutput);
  if (signer !== undefined) return signer;
  return refuse(signed, errorOutput);
}

/** The words of ssh-keygen and the status lines of gpg (its DETAILS file). */
function signerOf(said: string): string | undefined {
  const principal = /^Good "git" signature for (.+) with \S+ key SHA256:\S+$/m.exec(said)?.[1];
  if (principal !== undefined) return principal;
  const fingerprint = /^\[GNUPG:\] VALIDSIG [0-9A-F]{40}(?: \S+){8} ([0-9A-F]{40})$/m.exec(said)?.[1];
  if (fingerprint === undefined || !/^\[GNUPG:\] GOODSIG /m.test(said)) return undefined;
  return /^\[GNUPG:\] GOODSIG [0-9A-F]+ .*<([^<>\s]+@[^<>\s]+)>$/m.exec(said)?.[1] ?? fingerprint;
}

const SIGNS: readonly (readonly [RegExp, SourceErrorCode, string])[] = [
  [/cannot (run|exec) \S*(gpg|ssh-keygen)/, 'git-missing', 'gpg or ssh-keygen is not on this machine'],
  [/EXPKEYSIG|KEYEXPIRED|EXPSIG/, 'git-signature-invalid', 'the key or the signature has expired'],
  [/REVKEYSIG|KEYREVOKED/, 'git-signature-invalid', 'the key was revoked'],
  [
    /NO_PUBKEY|No principal matched|Good "git" signature with/,
    'git-signer-unknown',
    'none of the allowed signers signed',
  ],
  [
    /BADSIG|Could not verify signature|incorrect signature|Signature verification failed/i,
    'git-signature-invalid',
    'the signature does not fit',
  ],
];

function refuse({ kind }: Signed, said: string): never {
  const found = SIGNS.find(([sign]) => sign.test(said));
  if (found !== undefined) throw new SourceError(found[1], `the ${kind} is not verified: ${found[2]}`);
  if (said.trim() === '' || /no signature found|cannot verify a non-tag/i.test(said)) {
    throw new SourceError('git-signature-missing', `the ${kind} is not signed`);
  }
  throw new SourceError('git-signature-invalid', `the ${kind} is not verified: the signature cannot be read`);
}

interface KeyRing {
  readonly sshSigners: string;
  readonly gpgHome: string;
}

/** A folder with the keys as git and gpg want them, named after what is in them. */
async function keyRing(home: string, keys: SignatureKeys): Promise<KeyRing> {
  const ssh = await texts(keys.sshSignersFiles);
  const gpg = await texts(keys.gpgKeysFiles);
  const name = createHash('sha256')
    .update(JSON.stringify([ssh, gpg].map((files) => files.map(digestOf))))
    .digest('hex');
  const rings = join(home, 'keys');
  const folder = join(rings, name.slice(0, 16));
  const ring = { sshSigners: join(folder, 'allowed_signers'), gpgHome: join(folder, 'gpg') };
  if (await isThere(folder)) return ring;
  const building = join(home, 'keys.new');
  await rm(building, { recursive: true, force: true });
  await mkdir(join(building, 'gpg'), { recursive: true, mode: 0o700 });
  await writeFile(join(building, 'allowed_signers'), Buffer.concat(ssh.flatMap((text) => [text, Buffer.from('\n')])));
  await importKeys(join(building, 'gpg'), gpg);
  await rm(rings, { recursive: true, force: true });
  await mkdir(rings, { mode: 0o700 });
  await rename(building, folder);
  return ring;
}

/** Whoever is in the files is trusted: which files they are, the boot settings say. */
async function importKeys(gpgHome: string, files: readonly Buffer[]): Promise<void> {
  await writeFile(
    join(gpgHome, 'gpg.conf'),
    'batch\nno-autostart\nno-auto-key-locate\nno-auto-key-retrieve\ntrust-model always\n',
  );
  for (const file of files) {
    await runProgram('gpg', ['--homedir', gpgHome, '--quiet', '--import'], {
      input: file,
      timeoutMs: IMPORT_TIMEOUT_MS,
      failure: 'a file of OpenPGP keys cannot be read by gpg',
    });
  }
}

async function texts(files: readonly string[]): Promise<Buffer[]> {
  return await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw unreadable(cause);
      });
      if (bytes.length <= KEY_FILE_BYTES_MAX) return bytes;
      throw new SourceError('git-settings', 'a file of those who may sign is too large');
    }),
  );
}

function unreadable(cause: unknown): SourceError {
  return new SourceError('git-settings', 'a file of those who may sign cannot be read', { cause });
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
