import { z } from 'zod';
import { help, httpsUrl, name, pattern, regoPackage } from './field-forms.ts';
import { defineKind } from './kind.ts';

const SCHEMA_EXAMPLE = `sha256:${'0123456789abcdef'.repeat(4)}`;

const tool = z
  .strictObject({
    name: pattern('^[A-Za-z0-9_.-]{1,128}$', 'a tool name: letters, digits and _ . -, 128 characters at most').meta(
      help({ title: 'Name', description: 'The tool as the server calls it.', example: 'search_tickets' }),
    ),
    schema: pattern('^sha256:[0-9a-f]{64}$', 'sha256: and 64 hexadecimal digits in lower case').meta(
      help({
        title: 'Schema',
        description: 'The digest of the definition that was reviewed: a tool that changes is refused.',
        example: SCHEMA_EXAMPLE,
      }),
    ),
    package: regoPackage({
      title: 'Package',
      description: 'The Rego package that judges its calls.',
      example: 'guardrails.tickets',
    }).optional(),
  })
  .meta(
    help({
      title: 'Tool',
      description: 'A tool that may be called.',
      example: { name: 'search_tickets', schema: SCHEMA_EXAMPLE },
    }),
  );

export const mcpServer = defineKind({
  kind: 'McpServer',
  description: 'A server of tools: where it is, which of its tools may be called, and what judges the calls.',
  built: false,
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'McpServer',
    metadata: { name: 'tickets' },
    spec: {
      endpoint: 'https://tickets.corp.example/mcp',
      secret: 'tickets-token',
      tools: [{ name: 'search_tickets', schema: SCHEMA_EXAMPLE }],
    },
  },
  spec: z
    .strictObject({
      endpoint: httpsUrl({
        title: 'Endpoint',
        description: 'Where the server speaks streamable HTTP.',
        example: 'https://tickets.corp.example/mcp',
      }),
      secret: name({
        title: 'Secret',
        description: 'A name from the boot settings.',
        example: 'tickets-token',
      }).optional(),
      teams: z
        .array(name({ title: 'Team', description: 'A team.', example: 'red' }))
        .min(1)
        .max(1000)
        .optional()
        .meta(help({ title: 'Teams', description: 'Who may call it. Default: every known team.', example: ['red'] })),
      tools: z
        .array(tool)
        .min(1)
        .max(1000)
        .meta(
          help({
            title: 'Tools',
            description: 'What may be called; any other tool is not shown to clients.',
            example: [{ name: 'search_tickets', schema: SCHEMA_EXAMPLE }],
          }),
        ),
    })
    .meta(
      help({
        title: 'MCP server',
        description: 'The server and its tools.',
        example: {
          endpoint: 'https://tickets.corp.example/mcp',
          tools: [{ name: 'search_tickets', schema: SCHEMA_EXAMPLE }],
        },
      }),
    ),
});
