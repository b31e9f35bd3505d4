import { z } from 'zod';
import { help, labels, modelNameOrStar, pattern } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { unbuilt } from './unbuilt.ts';

export const team = defineKind({
  kind: 'Team',
  description: 'Who is asking: a group of callers that shares its models, labels and budgets.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Team',
    metadata: { name: 'red', labels: { residency: 'eu' } },
    spec: { models: ['chat-small'] },
  },
  metadata: {
    labels: labels({
      title: 'Labels',
      description: 'What routes and policies may ask about the team.',
      example: { residency: 'eu' },
    }).default({}),
  },
  spec: z
    .strictObject({
      models: z
        .array(modelNameOrStar({ title: 'Model', description: 'A model, an alias, or "*".', example: 'chat-small' }))
        .min(1)
        .max(1000)
        .meta(help({ title: 'Models', description: 'The models that the team may use.', example: ['chat-small'] })),
      certificates: unbuilt(
        z
          .array(
            pattern('^[!-~]{1,300}$', 'a name in a certificate: printable ASCII without spaces').meta(
              help({
                title: 'Certificate',
                description: 'A subject alternative name.',
                example: 'spiffe://corp.example/red/ci',
              }),
            ),
          )
          .min(1)
          .max(100)
          .meta(
            help({
              title: 'Certificates',
              description: 'Client certificates whose holders are of the team.',
              example: ['spiffe://corp.example/red/ci'],
            }),
          ),
      ).optional(),
    })
    .meta(help({ title: 'Team', description: 'What the team may do.', example: { models: ['*'] } })),
});
