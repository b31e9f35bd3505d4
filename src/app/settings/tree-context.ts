import type { TreeContext } from '../../core/language/catalog.ts';
import type { BootSettings } from './boot-settings.ts';

/** The names of the boot settings that documents may use. */
export function treeContext(settings: BootSettings): TreeContext {
  const secrets = [...settings.secrets].map(([name, { hosts }]) => [name, { hosts }] as const);
  return { secrets: Object.fromEntries(secrets), authorities: [...settings.authorities.keys()] };
}
