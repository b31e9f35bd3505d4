import { z } from 'zod';
import { help, modelName, name } from './field-forms.ts';
import { defineKind } from './kind.ts';

/** Far above any real budget, and far below where a sum loses cents. */
const AMOUNT_MAX = 1_000_000_000_000;

function amount(title: string, description: string, example: number) {
  return z.number().min(0).max(AMOUNT_MAX).meta(help({ title, description, example }));
}

const scope = z
  .strictObject({
    key: name({ title: 'Key', description: 'One API key.', example: 'red-ci' }).optional(),
    team: name({ title: 'Team', description: 'One team.', example: 'red' }).optional(),
    route: name({ title: 'Route', description: 'One route.', example: 'chat' }).optional(),
    model: modelName({ title: 'Model', description: 'One model.', example: 'chat-small' }).optional(),
    provider: name({ title: 'Provider', description: 'One provider.', example: 'openai' }).optional(),
  })
  .meta(
    help({ title: 'Scope', description: 'What is counted: all that is named must hold.', example: { team: 'red' } }),
  );

export const budget = defineKind({
  kind: 'Budget',
  description: 'What it may cost: an amount per window for a team, a key, a route, a model or a provider.',
  built: false,
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Budget',
    metadata: { name: 'red-month' },
    spec: { scope: { team: 'red' }, window: 'month', usd: 500, onExhausted: 'deny' },
  },
  spec: z
    .strictObject({
      scope,
      window: z
        .enum(['minute', 'hour', 'day', 'week', 'month'])
        .meta(help({ title: 'Window', description: 'A span of the calendar, in UTC.', example: 'month' })),
      usd: amount('USD', 'The most that may be spent in a window.', 500).optional(),
      tokens: amount('Tokens', 'The most tokens of a window, of prompts and answers together.', 1_000_000).optional(),
      requests: amount('Requests', 'The most requests of a window.', 10_000).optional(),
      onExhausted: z
        .enum(['deny', 'downgrade', 'cut'])
        .default('deny')
        .meta(
          help({
            title: 'On exhausted',
            description: 'Refuse what comes next, serve it by cheaper offers, or end also the answers that run.',
            example: 'deny',
          }),
        ),
      mode: z
        .enum(['enforce', 'shadow'])
        .default('enforce')
        .meta(help({ title: 'Mode', description: 'Whether it counts, or is only recorded.', example: 'shadow' })),
    })
    .meta(
      help({
        title: 'Budget',
        description: 'The amount and its window.',
        example: { scope: { team: 'red' }, window: 'month', usd: 500 },
      }),
    ),
});
