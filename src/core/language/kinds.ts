import type { z } from 'zod';
import { fleet } from './fleet.ts';
import { guardrail } from './guardrail.ts';
import { key } from './key.ts';
import { model } from './model.ts';
import { pool } from './pool.ts';
import { provider } from './provider.ts';
import { route } from './route.ts';
import { team } from './team.ts';
import { test } from './test.ts';

/** Every kind that this version builds. */
export const KINDS = {
  Provider: provider,
  Pool: pool,
  Model: model,
  Route: route,
  Guardrail: guardrail,
  Team: team,
  Key: key,
  Fleet: fleet,
  Test: test,
} as const;

/** Kinds of the language that are refused because nothing would act on them. */
export const UNBUILT_KINDS: readonly string[] = ['Issuer', 'Budget', 'ChangeLimits', 'McpServer'];

export type Kind = keyof typeof KINDS;

/** A document of a kind as the schema gives it, with every default filled in. */
export type Written<K extends Kind> = z.output<(typeof KINDS)[K]['schema']>;

export function isKind(text: unknown): text is Kind {
  return typeof text === 'string' && Object.hasOwn(KINDS, text);
}
