import { z } from 'zod';
import { help, name, pattern, word } from './field-forms.ts';
import { rollout } from './fleet-rollout.ts';
import { defineKind } from './kind.ts';
import { unbuilt } from './unbuilt.ts';

const listener = z
  .strictObject({
    name: name({ title: 'Name', description: 'The name of the listener in its fleet.', example: 'api' }),
    address: pattern('^[0-9A-Fa-f.:]{2,45}$', 'an IP address')
      .default('0.0.0.0')
      .meta(
        help({
          title: 'Address',
          description: 'The IP address to listen on. Default: every one.',
          example: '127.0.0.1',
        }),
      ),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .meta(
        help({ title: 'Port', description: "A single proxy's own port comes from its bootstrap.", example: 10000 }),
      ),
    hosts: unbuilt(
      z
        .array(
          pattern('^(\\*\\.)?[A-Za-z0-9.-]{1,253}$', 'a host name, or one with "*." in front').meta(
            help({ title: 'Host', description: 'A host name.', example: 'ai.corp.example' }),
          ),
        )
        .min(1)
        .max(100)
        .meta(help({ title: 'Hosts', description: 'Names that clients call it by.', example: ['ai.corp.example'] })),
    ).optional(),
    tls: unbuilt(
      z
        .strictObject({
          certificate: name({
            title: 'Certificate',
            description: 'A certificate and its key by their name in the boot settings.',
            example: 'edge-certificate',
          }),
          clients: name({
            title: 'Clients',
            description: 'The authority of client certificates, by its name in the boot settings.',
            example: 'corp-ca',
          }).optional(),
        })
        .meta(
          help({ title: 'TLS', description: 'What clients are shown.', example: { certificate: 'edge-certificate' } }),
        ),
    ).optional(),
  })
  .meta(help({ title: 'Listener', description: 'Where clients connect.', example: { name: 'api', port: 10000 } }));

export const fleet = defineKind({
  kind: 'Fleet',
  description: 'Which proxies: a set of Envoys that share one configuration.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Fleet',
    metadata: { name: 'edge' },
    spec: { match: { cluster: 'edge' }, listeners: [{ name: 'api', port: 10000 }] },
  },
  spec: z
    .strictObject({
      match: z
        .strictObject({
          cluster: word({ title: 'Cluster', description: "Envoy's `node.cluster`.", example: 'edge' }),
        })
        .meta(
          help({ title: 'Match', description: 'Which proxies belong to the fleet.', example: { cluster: 'edge' } }),
        ),
      listeners: z
        .array(listener)
        .min(1)
        .max(32)
        .meta(
          help({ title: 'Listeners', description: 'Where clients connect.', example: [{ name: 'api', port: 10000 }] }),
        ),
      rollout: rollout.optional(),
      features: unbuilt(
        z
          .strictObject({
            usage: z
              .enum(['native', 'fallback'])
              .optional()
              .meta(help({ title: 'Usage', description: 'How tokens are counted.', example: 'native' })),
          })
          .meta(
            help({
              title: 'Features',
              description: 'Parts of Envoy that may be switched.',
              example: { usage: 'native' },
            }),
          ),
      ).optional(),
    })
    .meta(
      help({
        title: 'Fleet',
        description: 'The proxies.',
        example: { match: { cluster: 'edge' }, listeners: [{ name: 'api', port: 10000 }] },
      }),
    ),
});
