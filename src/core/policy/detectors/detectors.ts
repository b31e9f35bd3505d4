import type { DetectorName } from '../../ir/guardrail.ts';
import { scanCards } from './card.ts';
import { scanEmails } from './email.ts';
import { scanIbans } from './iban.ts';
import type { Scanner } from './scanner.ts';
import { scanSecrets } from './secrets.ts';

/** A detector: what Rego reads as `finding.kind`, and how it looks. */
export interface Detector {
  readonly kind: FindingKind;
  readonly scan: Scanner;
}

export type FindingKind = 'secret' | 'card' | 'email' | 'iban';

/** All detectors, by the name under which a Guardrail asks for them. */
export const DETECTORS: Readonly<Record<DetectorName, Detector>> = {
  secrets: { kind: 'secret', scan: scanSecrets },
  card: { kind: 'card', scan: scanCards },
  email: { kind: 'email', scan: scanEmails },
  iban: { kind: 'iban', scan: scanIbans },
};
