import { z } from 'zod';
import { help, pattern, percent } from './field-forms.ts';
import { defineKind } from './kind.ts';

const COUNT_MAX = 1_000_000;

const limits = {
  trafficMoved: percent({
    title: 'Traffic moved',
    description: 'The share of requests that may get another offer.',
    example: '25%',
  }).optional(),
  newDenials: percent({
    title: 'New denials',
    description: 'The share of requests that may be refused and were not before.',
    example: '0.1%',
  }).optional(),
  costPerDayUsd: z
    .number()
    .min(0)
    .max(COUNT_MAX)
    .optional()
    .meta(help({ title: 'Cost per day', description: 'USD a day that may be added.', example: 200 })),
  fleetsTouched: z
    .int()
    .min(0)
    .max(COUNT_MAX)
    .optional()
    .meta(help({ title: 'Fleets touched', description: 'Fleets that may change.', example: 3 })),
  teamsTouched: z
    .int()
    .min(0)
    .max(COUNT_MAX)
    .optional()
    .meta(help({ title: 'Teams touched', description: 'Teams whose requests may change.', example: 5 })),
  removed: percent({
    title: 'Removed',
    description:
      "The share of the clusters, or of a fleet's listeners, that may be removed. Default: half, or up to 3 of them.",
    example: '20%',
  }).optional(),
};

const signer = z
  .strictObject({
    key: pattern('^[!-~]{1,200}$', 'who signed: printable ASCII without spaces').meta(
      help({
        title: 'Key',
        description:
          'Who signed, as the verified signature tells it: the principal of an SSH key, the address of an OpenPGP key.',
        example: 'release-bot',
      }),
    ),
    ...limits,
  })
  .meta(
    help({
      title: 'Signer',
      description: 'A signing key and the limits of its commits.',
      example: { key: 'release-bot', trafficMoved: '5%' },
    }),
  );

export const changeLimits = defineKind({
  kind: 'ChangeLimits',
  description:
    'How much one commit may move. `headgate plan` and `headgate serve` hold a commit to the limits of what it changes, not to its own.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'ChangeLimits',
    metadata: { name: 'default' },
    spec: {
      perCommit: { trafficMoved: '25%', newDenials: '0.1%', costPerDayUsd: 200, fleetsTouched: 3 },
    },
  },
  spec: z
    .strictObject({
      perCommit: z
        .strictObject(limits)
        .meta(
          help({ title: 'Per commit', description: 'The limits of any commit.', example: { trafficMoved: '25%' } }),
        ),
      unsigned: z
        .strictObject(limits)
        .meta(
          help({
            title: 'Unsigned',
            description: 'The limits of commits without a verified signature. Default: the tightest of all rows.',
            example: { trafficMoved: '0%' },
          }),
        )
        .optional(),
      signers: z
        .array(signer)
        .max(100)
        .meta(
          help({
            title: 'Signers',
            description: 'Limits of named signers, each in place of the one of any commit.',
            example: [{ key: 'release-bot', trafficMoved: '5%' }],
          }),
        )
        .optional(),
    })
    .meta(
      help({
        title: 'Change limits',
        description: 'The limits.',
        example: { perCommit: { trafficMoved: '25%', newDenials: '0.1%' } },
      }),
    ),
});
