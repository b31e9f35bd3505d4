import { z } from 'zod';
import { help, httpsUrl, labels, pattern } from './field-forms.ts';
import { defineKind } from './kind.ts';

function claim(title: string, description: string, example: string) {
  return pattern('^[!-~]{1,200}$', 'the name of a claim, with dots into nested ones').meta(
    help({ title, description, example }),
  );
}

export const issuer = defineKind({
  kind: 'Issuer',
  description: 'Who may vouch for callers: a JWT issuer, its keys, and what its claims say of the caller.',
  built: false,
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Issuer',
    metadata: { name: 'corp-sso' },
    spec: {
      issuer: 'https://sso.corp.example',
      jwks: 'https://sso.corp.example/keys',
      audiences: ['headgate'],
      claims: { team: 'groups', user: 'sub' },
    },
  },
  spec: z
    .strictObject({
      issuer: httpsUrl({
        title: 'Issuer',
        description: 'The claim `iss`, to the letter.',
        example: 'https://sso.corp.example',
      }),
      jwks: httpsUrl({
        title: 'Keys',
        description: 'Where the issuer publishes its public keys (JWKS).',
        example: 'https://sso.corp.example/keys',
      }),
      audiences: z
        .array(claim('Audience', 'A value of the claim `aud`.', 'headgate'))
        .min(1)
        .max(32)
        .meta(
          help({
            title: 'Audiences',
            description: 'For whom a token must be meant, one of these.',
            example: ['headgate'],
          }),
        ),
      claims: z
        .strictObject({
          team: claim('Team', 'The claim with the name of the team, or a list of groups.', 'groups'),
          user: claim('User', 'The claim with the person.', 'sub').optional(),
          agent: claim('Agent', 'The claim with the program that acts for the person.', 'act.sub').optional(),
          labels: labels({
            title: 'Labels',
            description: 'Labels of the caller, each with the claim that holds it.',
            example: { residency: 'residency' },
          }).optional(),
        })
        .meta(
          help({
            title: 'Claims',
            description: 'What the claims say of the caller.',
            example: { team: 'groups', user: 'sub' },
          }),
        ),
    })
    .meta(
      help({
        title: 'Issuer',
        description: 'The issuer and its claims.',
        example: {
          issuer: 'https://sso.corp.example',
          jwks: 'https://sso.corp.example/keys',
          audiences: ['headgate'],
          claims: { team: 'groups' },
        },
      }),
    ),
});
