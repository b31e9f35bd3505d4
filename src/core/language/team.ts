import { z } from 'zod';
import { help, labels, modelNameOrStar } from './field-forms.ts';
import { defineKind } from './kind.ts';

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
    })
    .meta(help({ title: 'Team', description: 'What the team may do.', example: { models: ['*'] } })),
});
