import type { CompileSettings } from '../../src/core/envoy/compile-fleet.ts';

/** Compile settings of all tests here: a digest that reads as one, and no certificate of any machine. */
export const SETTINGS: CompileSettings = {
  revision: 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  authorities: {
    system: { path: '/etc/ssl/certs/ca-certificates.crt' },
    named: { corp: { path: '/etc/headgate/corp.pem' } },
  },
};
