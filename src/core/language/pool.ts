import { z } from 'zod';
import { duration, help, pattern, socketAddress, word } from './field-forms.ts';
import { defineKind } from './kind.ts';

/** How metrics are read; parsed from nothing it gives the defaults. */
export const scrape = z
  .strictObject({
    path: pattern('^/[!-~]{0,199}$', 'a path that starts with /')
      .default('/metrics')
      .meta(help({ title: 'Path', description: 'Where the engine serves its metrics.', example: '/metrics' })),
    interval: duration({
      title: 'Interval',
      description: 'How often each engine is read: 100ms to 1m.',
      example: '500ms',
    }).default('1s'),
  })
  .meta(help({ title: 'Scrape', description: 'Metrics are read over HTTP.', example: { interval: '500ms' } }));

export const pool = defineKind({
  kind: 'Pool',
  description: 'Own GPU servers that serve the same models.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Pool',
    metadata: { name: 'llama-h100' },
    spec: { engine: 'vllm', accelerator: 'h100', endpoints: { static: ['10.0.0.11:8000'] }, load: ['scrape'] },
  },
  unbuilt: {
    keys: [
      'spec.drain',
      'spec.load.orca',
      'spec.load.push',
      'spec.endpoints.dns',
      'spec.endpoints.file',
      'spec.endpoints.kubernetes',
    ],
    values: {
      'spec.engine': ['llama-cpp', 'ollama'],
      'spec.load.*': ['orca', 'push'],
    },
  },
  spec: z
    .strictObject({
      engine: z
        .enum(['vllm', 'sglang', 'tgi', 'tensorrt-llm'])
        .meta(
          help({ title: 'Engine', description: 'What runs on the servers: it names the metrics.', example: 'vllm' }),
        ),
      accelerator: word({ title: 'Accelerator', description: 'The kind of GPU.', example: 'h100' }).optional(),
      region: word({ title: 'Region', description: 'Where the servers stand.', example: 'eu' }).optional(),
      endpoints: z
        .strictObject({
          static: z
            .array(socketAddress())
            .min(1)
            .max(1024)
            .meta(
              help({
                title: 'Static endpoints',
                description: 'Addresses as ip:port, IPv6 in brackets.',
                example: ['10.0.0.11:8000', '[fd00::11]:8000'],
              }),
            ),
        })
        .meta(help({ title: 'Endpoints', description: 'The servers.', example: { static: ['10.0.0.11:8000'] } })),
      load: z
        .union([z.array(z.literal('scrape')).min(1).max(1), z.strictObject({ scrape })])
        .optional()
        .meta(
          help({
            title: 'Load',
            description:
              'How the load is read, beside our own ledger of requests in flight. Default: by the ledger alone.',
            example: ['scrape'],
          }),
        ),
      schedule: z
        .strictObject({
          profile: z
            .enum(['ledger'])
            .default('ledger')
            .meta(help({ title: 'Profile', description: 'How a server is chosen.', example: 'ledger' })),
        })
        .prefault({})
        .meta(help({ title: 'Schedule', description: 'How a server is chosen.', example: { profile: 'ledger' } })),
    })
    .meta(
      help({
        title: 'Pool',
        description: 'The servers.',
        example: { engine: 'vllm', endpoints: { static: ['10.0.0.11:8000'] } },
      }),
    ),
});
