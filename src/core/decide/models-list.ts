import { byCodeUnit } from '../base/text-order.ts';
import type { Principal } from './identify.ts';
import { servesCaller, servesModel } from './match.ts';
import type { Revision } from './revision.ts';

/** The body of GET /v1/models (OpenAI API reference, "List models"): every name that this caller may ask for. */
export function modelsList(revision: Revision, principal: Principal): string {
  const routes = revision.routes.filter(({ match }) => servesCaller(match, principal));
  const names = [...revision.names].filter(([, model]) => {
    const allowed = principal.models === '*' || principal.models.includes(model);
    return allowed && routes.some(({ match }) => servesModel(match, model));
  });
  const data = names.map(([id, model]) => ({ id, object: 'model', created: 0, owned_by: 'headgate', root: model }));
  return JSON.stringify({ object: 'list', data: data.sort((left, right) => byCodeUnit(left.id, right.id)) });
}
