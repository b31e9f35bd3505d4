import { z } from 'zod';
import { help, name, pattern, word } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { unbuilt } from './unbuilt.ts';

const HASH_EXAMPLE = `sha256:${'0123456789abcdef'.repeat(4)}`;

export const key = defineKind({
  kind: 'Key',
  description: 'An API key, known by its hash alone: `headgate key new` prints the key once and the hash to commit.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Key',
    metadata: { name: 'red-ci' },
    spec: { team: 'red', hash: HASH_EXAMPLE, expires: '2027-06-30' },
  },
  spec: z
    .strictObject({
      team: name({ title: 'Team', description: 'Who shows this key.', example: 'red' }),
      user: unbuilt(word({ title: 'User', description: 'The person who holds it.', example: 'ada' })).optional(),
      agent: unbuilt(word({ title: 'Agent', description: 'The program that holds it.', example: 'ci' })).optional(),
      hash: pattern('^sha256:[0-9a-f]{64}$', 'sha256: and 64 hexadecimal digits in lower case').meta(
        help({ title: 'Hash', description: 'The SHA-256 digest of the text of the key.', example: HASH_EXAMPLE }),
      ),
      expires: pattern(
        '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,3})?(Z|[+-][0-9]{2}:[0-9]{2}))?$',
        'a date such as 2027-06-30, or a moment such as 2027-06-30T12:00:00Z',
      )
        .optional()
        .meta(
          help({
            title: 'Expires',
            description: 'The last day of the key (it is dead from the end of that day, UTC), or a moment (RFC 3339).',
            example: '2027-06-30',
          }),
        ),
    })
    .meta(help({ title: 'Key', description: 'The key.', example: { team: 'red', hash: HASH_EXAMPLE } })),
});
