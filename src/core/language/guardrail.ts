import { z } from 'zod';
import { duration, help, httpsUrl, name, nameOrStar, regoPackage, word } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { oneOf, unbuilt } from './unbuilt.ts';

const LATER_STAGES = ['tool_definition', 'tool_call', 'tool_result', 'embedding', 'image'] as const;

const externalDetector = z
  .strictObject({
    name: name({ title: 'Name', description: 'The detector, as findings name it.', example: 'prompt-guard' }),
    endpoint: httpsUrl({
      title: 'Endpoint',
      description: 'The service that is asked.',
      example: 'https://detectors.corp.example/prompt-guard',
    }),
    secret: name({
      title: 'Secret',
      description: 'A name from the boot settings.',
      example: 'detector-key',
    }).optional(),
  })
  .meta(
    help({
      title: 'External detector',
      description: 'A service that reads the text and finds things.',
      example: { name: 'prompt-guard', endpoint: 'https://detectors.corp.example/prompt-guard' },
    }),
  );

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
  spec: z
    .strictObject({
      package: regoPackage({
        title: 'Package',
        description: 'A Rego package of this tree, or one of the built-in headgate.* packages.',
        example: 'guardrails.secrets',
      }),
      stages: z
        .array(
          oneOf(['request', 'response'], LATER_STAGES, {
            title: 'Stage',
            description: 'What is judged.',
            example: 'request',
          }),
        )
        .min(1)
        .max(7)
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
      externalDetectors: unbuilt(
        z
          .array(externalDetector)
          .min(1)
          .max(16)
          .meta(
            help({
              title: 'External detectors',
              description: 'Services that are asked beside our own detectors.',
              example: [{ name: 'prompt-guard', endpoint: 'https://detectors.corp.example/prompt-guard' }],
            }),
          ),
      ).optional(),
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
      deadline: unbuilt(
        duration({ title: 'Deadline', description: 'How long one judgement may take.', example: '5ms' }),
      ).optional(),
      data: unbuilt(
        z
          .record(word({ title: 'Key', description: 'A name below `data`.', example: 'limits' }), z.unknown())
          .meta(help({ title: 'Data', description: 'What the policy reads as data.', example: { limits: [1, 2] } })),
      ).optional(),
    })
    .meta(
      help({
        title: 'Guardrail',
        description: 'The policy and where it applies.',
        example: { package: 'guardrails.secrets', stages: ['request'] },
      }),
    ),
});
