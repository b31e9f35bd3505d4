import type { z } from 'zod';
import { budget } from './budget.ts';
import { changeLimits } from './change-limits.ts';
import { fleet } from './fleet.ts';
import { guardrail } from './guardrail.ts';
import { issuer } from './issuer.ts';
import { key } from './key.ts';
import { mcpServer } from './mcp-server.ts';
import { model } from './model.ts';
import { pool } from './pool.ts';
import { provider } from './provider.ts';
import { route } from './route.ts';
import { team } from './team.ts';
import { test } from './test.ts';

/** Every kind of the language. */
export const KINDS = {
  Provider: provider,
  Pool: pool,
  Model: model,
  Route: route,
  Guardrail: guardrail,
  Team: team,
  Key: key,
  Issuer: issuer,
  Budget: budget,
  Fleet: fleet,
  ChangeLimits: changeLimits,
  Test: test,
  McpServer: mcpServer,
} as const;

export type Kind = keyof typeof KINDS;

/** The kinds that somebody may use: the others are refused because nothing would act on them. */
export const BUILT_KINDS: readonly string[] = Object.values(KINDS)
  .filter(({ built }) => built)
  .map(({ kind }) => kind);

/** A document of a kind as the schema gives it, with every default filled in. */
export type Written<K extends Kind> = z.output<(typeof KINDS)[K]['schema']>;

export function isKind(text: unknown): text is Kind {
  return typeof text === 'string' && Object.hasOwn(KINDS, text);
}
