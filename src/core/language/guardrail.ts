import { z } from 'zod';
import { help, name, nameOrStar, pattern } from './field-forms.ts';
import { defineKind } from './kind.ts';

/** A dotted Rego package path, without `data.` in front. */
const PACKAGE_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*$';

export const guardrail = defineKind({
  kind: 'Guardrail',
  description: 'Policy in the path of requests and of their answers: a Rego package and where it applies.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Guardrail',
    metadata: { name: 'secrets' },
    spec: {
      package: 'guardrails.secrets',
      stages: ['request'],
      detectors: ['secrets'],
      mode: 'enforce',
      onError: 'deny',
    },
  },
  unbuilt: {
    keys: ['spec.deadline', 'spec.data'],
    values: {
      'spec.stages.*': ['tool_definition', 'tool_call', 'tool_result', 'embedding', 'image'],
    },
  },
  spec: z
    .strictObject({
      package: pattern(PACKAGE_PATTERN, 'a Rego package: names with dots between them').meta(
        help({
          title: 'Package',
          description: 'A Rego package of this tree, or one of the built-in headgate.* packages.',
          example: 'guardrails.secrets',
        }),
      ),
      stages: z
        .array(z.enum(['request', 'response']))
        .min(1)
        .max(2)
        .meta(help({ title: 'Stages', description: 'When the policy is asked.', example: ['request', 'response'] })),
      scope: z
        .strictObject({
          routes: z
            .array(name({ title: 'Route', description: 'The name of a route.', example: 'chat' }))
            .min(1)
            .max(1000)
            .optional()
            .meta(
              help({
                title: 'Routes',
                description: 'The routes it stands on. Default: every request, asked before the route is chosen.',
                example: ['chat'],
              }),
            ),
          teams: z
            .array(nameOrStar({ title: 'Team', description: 'A team, "anonymous", or "*".', example: 'red' }))
            .min(1)
            .max(1000)
            .default(['*'])
            .meta(
              help({ title: 'Teams', description: 'Whose requests. Default: those of everybody.', example: ['*'] }),
            ),
        })
        .prefault({})
        .meta(help({ title: 'Scope', description: 'Where it applies.', example: { routes: ['chat'] } })),
      detectors: z
        .array(z.enum(['secrets', 'card', 'email', 'iban']))
        .max(16)
        .default([])
        .meta(
          help({
            title: 'Detectors',
            description:
              'What is looked for in the text before the policy is asked; it reads them as `input.findings`.',
            example: ['secrets', 'card'],
          }),
        ),
      mode: z
        .enum(['enforce', 'shadow'])
        .default('enforce')
        .meta(
          help({ title: 'Mode', description: 'Whether its decision counts, or is only recorded.', example: 'shadow' }),
        ),
      onError: z
        .enum(['deny', 'allow'])
        .default('deny')
        .meta(
          help({
            title: 'On error',
            description: 'What happens when the policy cannot be evaluated.',
            example: 'deny',
          }),
        ),
      stream: z
        .enum(['hold', 'buffer'])
        .default('hold')
        .meta(
          help({
            title: 'Stream',
            description: 'How a streamed answer is watched: text is held until it is safe, or the whole answer is.',
            example: 'hold',
          }),
        ),
    })
    .meta(
      help({
        title: 'Guardrail',
        description: 'The policy and where it applies.',
        example: { package: 'guardrails.secrets', stages: ['request'] },
      }),
    ),
});
