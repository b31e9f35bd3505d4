import { ANONYMOUS } from '../ir/identity.ts';
import type { Principal } from './identify.ts';
import type { Revision } from './revision.ts';

/** The body of GET /v1/models (OpenAI API reference, "List models"): every name that this caller may ask for. */
export function modelsList(revision: Revision, principal: Principal): string {
  const servedTo = revision.routes.filter(({ match }) =>
    match.teams === '*' ? principal.team !== ANONYMOUS : match.teams.includes(principal.team),
  );
  const names = [...revision.names].filter(([, model]) => {
    const allowed = principal.models === '*' || principal.models.includes(model);
    return allowed && servedTo.some(({ match }) => match.models === '*' || match.models.includes(model));
  });
  const data = names.map(([id, model]) => ({ id, object: 'model', created: 0, owned_by: 'headgate', root: model }));
  return JSON.stringify({ object: 'list', data: data.sort((left, right) => (left.id < right.id ? -1 : 1)) });
}
