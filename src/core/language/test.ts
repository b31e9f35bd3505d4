import { z } from 'zod';
import { headers, help, modelName, name, pattern, socketAddress } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { answer, expectation } from './test-expectation.ts';
import { proof } from './test-proof.ts';

const COUNT_MAX = 1_000_000;
const TOKENS_MAX = 100_000_000;

const count = (title: string, description: string) =>
  z
    .int()
    .min(0)
    .max(COUNT_MAX)
    .default(0)
    .meta(help({ title, description, example: 60 }));

const message = z
  .strictObject({
    role: z
      .enum(['system', 'developer', 'user', 'assistant', 'tool'])
      .meta(help({ title: 'Role', description: 'Who speaks.', example: 'user' })),
    content: z.string().meta(
      help({
        title: 'Content',
        description: 'The text; {{sample NAME}} stands for a generated specimen without worth.',
        example: 'use {{sample aws-access-key}} please',
      }),
    ),
  })
  .meta(help({ title: 'Message', description: 'One message.', example: { role: 'user', content: 'hello' } }));

const request = z
  .strictObject({
    model: modelName({ title: 'Model', description: 'What the client asks for.', example: 'gpt-4o-mini' }),
    stream: z
      .boolean()
      .default(false)
      .meta(help({ title: 'Stream', description: 'Whether the answer is streamed.', example: true })),
    promptTokens: z
      .int()
      .min(0)
      .max(TOKENS_MAX)
      .default(100)
      .meta(
        help({
          title: 'Prompt tokens',
          description: 'The size of the prompt where no messages are given.',
          example: 900,
        }),
      ),
    messages: z
      .array(message)
      .max(1000)
      .default([])
      .meta(help({ title: 'Messages', description: 'The prompt.', example: [{ role: 'user', content: 'hello' }] })),
    headers: headers({
      title: 'Headers',
      description: 'Request headers; names in lower case.',
      example: { 'x-tier': 'gold' },
    }).default({}),
  })
  .meta(help({ title: 'Request', description: 'The request.', example: { model: 'gpt-4o-mini', promptTokens: 900 } }));

const endpointLoad = z
  .strictObject({
    waiting: count('Waiting', 'Requests that wait in its queue.'),
    running: count('Running', 'Requests that it works on.'),
    down: z
      .boolean()
      .default(false)
      .meta(help({ title: 'Down', description: 'Whether it is unreachable.', example: true })),
  })
  .meta(help({ title: 'Load', description: 'The load of one engine.', example: { waiting: 60 } }));

const testCase = z
  .strictObject({
    name: pattern('^[^\\p{Cc}\\p{Cs}]{1,200}$', 'one line of 200 characters at most').meta(
      help({ title: 'Name', description: 'What must hold, in words.', example: 'busy own GPUs spill to the provider' }),
    ),
    principal: z
      .strictObject({
        team: name({ title: 'Team', description: 'A team, or "anonymous".', example: 'red' }).optional(),
        key: name({ title: 'Key', description: 'A key, in place of its team.', example: 'red-ci' }).optional(),
      })
      .meta(help({ title: 'Principal', description: 'Who asks: a team or a key.', example: { team: 'red' } })),
    request,
    load: z
      .record(socketAddress(), endpointLoad)
      .default({})
      .meta(
        help({
          title: 'Load',
          description: 'Load by the address of the engine; one that is not named is idle.',
          example: { '10.0.0.11:8000': { waiting: 60 } },
        }),
      ),
    guardrails: z
      .record(
        name({ title: 'Guardrail', description: 'A guardrail.', example: 'secrets' }),
        z.literal('fail').meta(help({ title: 'What it does', description: 'It gives no decision.', example: 'fail' })),
      )
      .optional()
      .meta(
        help({
          title: 'Guardrails',
          description: 'Guardrails that fail in this case, as if they took too long: their onError decides.',
          example: { secrets: 'fail' },
        }),
      ),
    answer: answer.optional(),
    seed: z
      .int()
      .min(0)
      .max(COUNT_MAX)
      .meta(help({ title: 'Seed', description: 'What chance is drawn from. Default: the name.', example: 7 }))
      .optional(),
    expect: expectation,
  })
  .meta(
    help({
      title: 'Case',
      description: 'One request and the decision that it must get.',
      example: {
        name: 'own first',
        principal: { team: 'red' },
        request: { model: 'chat-small' },
        expect: { offer: 'chat-small/own' },
      },
    }),
  );

export const test = defineKind({
  kind: 'Test',
  description:
    'What must hold: requests with the decisions that they must get, and what can never happen. What does not hold refuses the commit.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Test',
    metadata: { name: 'chat' },
    spec: {
      cases: [
        {
          name: 'own first',
          principal: { team: 'red' },
          request: { model: 'chat-small' },
          expect: { offer: 'chat-small/own' },
        },
      ],
    },
  },
  spec: z
    .strictObject({
      cases: z
        .array(testCase)
        .min(1)
        .max(1000)
        .meta(
          help({
            title: 'Cases',
            description: 'The requests and their decisions.',
            example: [
              {
                name: 'own first',
                principal: { team: 'red' },
                request: { model: 'chat-small' },
                expect: { offer: 'chat-small/own' },
              },
            ],
          }),
        )
        .optional(),
      prove: z
        .array(proof)
        .min(1)
        .max(100)
        .meta(
          help({
            title: 'Prove',
            description: 'What can never happen, for any request.',
            example: [
              {
                name: 'eu teams stay in the eu',
                for: { team: { labels: { residency: 'eu' } } },
                never: { offer: { region: { not: 'eu' } } },
              },
            ],
          }),
        )
        .optional(),
    })
    .meta(
      help({
        title: 'Test',
        description: 'Cases, proofs or both.',
        example: {
          cases: [
            {
              name: 'own first',
              principal: { team: 'red' },
              request: { model: 'chat-small' },
              expect: { offer: 'chat-small/own' },
            },
          ],
        },
      }),
    ),
});
