import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  derBits,
  derContext,
  derObjectId,
  derOctets,
  derSequence,
  derSet,
  derText,
  derTime,
  derTrue,
  derUnsigned,
} from './der.ts';

/** A certificate and its private key, both as PEM text. */
export interface Certificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A certificate authority that lives as long as a test or a demo: its PEM is what a client trusts. */
export interface Authority extends Certificate {
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** Long enough for any demo, short enough that a leaked simulator key is worth nothing. */
const LIFETIME_MS = 7 * 24 * 3_600_000;
/** A clock that is a little behind ours must not find the certificate to be of the future. */
const BACKDATED_MS = 3_600_000;

const ECDSA_WITH_SHA256 = derSequence(derObjectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const SUBJECT_KEY_ID = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const AUTHORITY_KEY_ID = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** A new authority with its own P-256 key (X.509 v3, RFC 5280), valid for a week. */
export function createAuthority(name = 'headgate simulator authority'): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = signCertificate({
    issuer: name,
    issuerKey: keys.privateKey,
    subject: name,
    subjectKey: keys.publicKey,
    extensions: [
      extension(BASIC_CONSTRAINTS, 'critical', derSequence(derTrue())),
      extension(KEY_USAGE, 'critical', derBits(Buffer.from([0b0000_0110]), 1)),
      extension(SUBJECT_KEY_ID, 'plain', derOctets(keyId(keys.publicKey))),
    ],
  });
  return { name, privateKey: keys.privateKey, ...pems(certificate, keys.privateKey) };
}

/** A certificate for either end of TLS, of the given DNS names and IP addresses (at least one) and URIs, valid for a week. */
export function issueCertificate(
  authority: Authority,
  { hosts, uris = [] }: { readonly hosts: readonly [string, ...string[]]; readonly uris?: readonly string[] },
): Certificate {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = signCertificate({
    issuer: authority.name,
    issuerKey: authority.privateKey,
    subject: hosts[0],
    subjectKey: keys.publicKey,
    extensions: [
      extension(BASIC_CONSTRAINTS, 'critical', derSequence()),
      extension(KEY_USAGE, 'critical', derBits(Buffer.from([0b1000_0000]), 7)),
      extension(
        EXTENDED_KEY_USAGE,
        'plain',
        derSequence(derObjectId(SERVER_AUTHENTICATION), derObjectId(CLIENT_AUTHENTICATION)),
      ),
      extension(
        SUBJECT_ALTERNATIVE_NAME,
        'plain',
        derSequence(...hosts.map(alternativeName), ...uris.map(alternativeUri)),
      ),
      extension(SUBJECT_KEY_ID, 'plain', derOctets(keyId(keys.publicKey))),
      extension(
        AUTHORITY_KEY_ID,
        'plain',
        derSequence(derContext(0, 'primitive', keyId(createPublicKey(authority.privateKey)))),
      ),
    ],
  });
  return pems(certificate, keys.privateKey);
}

interface CertificateFields {
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function signCertificate(fields: CertificateFields): Buffer {
  const nowMs = Date.now();
  const body = derSequence(
    derContext(0, 'constructed', derUnsigned(Buffer.from([2]))),
    derUnsigned(randomBytes(16)),
    ECDSA_WITH_SHA256,
    distinguishedName(fields.issuer),
    derSequence(derTime(new Date(nowMs - BACKDATED_MS)), derTime(new Date(nowMs + LIFETIME_MS))),
    distinguishedName(fields.subject),
    fields.subjectKey.export({ type: 'spki', format: 'der' }),
    derContext(3, 'constructed', derSequence(...fields.extensions)),
  );
  return derSequence(body, ECDSA_WITH_SHA256, derBits(sign('sha256', body, fields.issuerKey)));
}

function distinguishedName(commonName: string): Buffer {
  return derSequence(derSet(derSequence(derObjectId(COMMON_NAME), derText(commonName))));
}

function extension(id: string, weight: 'critical' | 'plain', value: Buffer): Buffer {
  return derSequence(derObjectId(id), ...(weight === 'critical' ? [derTrue()] : []), derOctets(value));
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0
    ? derContext(2, 'primitive', Buffer.from(host))
    : derContext(7, 'primitive', addressBytes(host));
}

function alternativeUri(uri: string): Buffer {
  return derContext(6, 'primitive', Buffer.from(uri));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - groups(head).length - after.length }, () => '0');
  return Buffer.from([...groups(head), ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** RFC 7093 method 1: the leftmost 160 bits of the SHA-256 of the key. */
function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function pems(certificate: Buffer, privateKey: KeyObject): Certificate {
  const lines = certificate
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd();
  return {
    certificatePem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
