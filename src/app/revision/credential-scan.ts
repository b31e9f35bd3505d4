import { readFileSync } from 'node:fs';
import type { CredentialScan } from '../../core/language/check-credentials.ts';
import { type CredentialRules, credentialScan } from '../../core/language/credential-rules.ts';
import { scanSecrets } from '../../core/policy/detectors/secrets.ts';

const RULES = new URL('../../../third_party/gitleaks/rules.json', import.meta.url);

let scan: CredentialScan | undefined;

/**
 * The search for credentials in a tree: our own detectors of secrets, which name what both know, and the rules of
 * gitleaks. The rules are read once: they change by a release only.
 */
export function scanCredentials(): CredentialScan {
  scan ??= bothScans(credentialScan(JSON.parse(readFileSync(RULES, 'utf8')) as CredentialRules));
  return scan;
}

function bothScans(rules: CredentialScan): CredentialScan {
  return (text) => [...scanSecrets(text, 0, true).matches, ...rules(text)];
}
