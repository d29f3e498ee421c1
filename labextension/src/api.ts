/** What the server answers, as types, and the one request that the panel polls. */

import { ServerConnection } from '@jupyterlab/services';

import type { Overview } from './overview.ts';
import { asOverview } from './overview.ts';
import { isJupyters } from './view.ts';

/** An answer, and from where: the kernel gateway that a Lab is connected to says so in a header. */
export interface Answer {
  overview: Overview;
  gateway: string | null;
}

/** A request that failed, with what the server says of it. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly gateway: string | null;

  /** @param status HTTP's, 0 where there was no answer at all. */
  constructor(
    status: number,
    message: string,
    rest: { code?: string; hint?: string; gateway?: string | null } = {}
  ) {
    super(message);
    this.status = status;
    this.code = rest.code ?? '';
    this.hint = rest.hint ?? '';
    this.gateway = rest.gateway ?? null;
  }
}

const ROUTE = 'api/sm';
const GATEWAY = 'X-Jupyter-SM-Gateway';

/** Milliseconds after which a server that says nothing counts as away. */
export const PATIENCE = 20_000;

/**
 * Everything in one document.
 *
 * @throws RequestError for every other answer, and for none.
 */
export async function fetchOverview(settings: ServerConnection.ISettings): Promise<Answer> {
  const { body, gateway } = await request(settings, ROUTE, 'GET');
  const overview = asOverview(body);
  if (overview === null) {
    throw new RequestError(200, 'The server answered with something else than an overview', {
      gateway
    });
  }
  return { overview, gateway };
}

/**
 * Have the driver asked again; the next overview has what it says.
 *
 * @throws RequestError for every other answer, and for none.
 */
export async function refreshCuda(settings: ServerConnection.ISettings): Promise<void> {
  await request(settings, `${ROUTE}/cuda/refresh`, 'POST');
}

async function request(
  settings: ServerConnection.ISettings,
  route: string,
  method: 'GET' | 'POST'
): Promise<{ body: unknown; gateway: string | null }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const response = await ServerConnection.makeRequest(
      settings.baseUrl + route,
      { method, signal: abort.signal },
      settings
    );
    const gateway = response.headers.get(GATEWAY);
    const text = await response.text();
    const body = json(text);
    if (!response.ok) {
      const isMissing = response.status === 404 && isJupyters(text);
      throw refusal(response, body, gateway, isMissing ? 'missing' : '');
    }
    return { body, gateway };
  } catch (error) {
    if (error instanceof RequestError) {
      throw error;
    }
    if (abort.signal.aborted) {
      throw new RequestError(0, `The server did not answer within ${PATIENCE / 1000} s`);
    }
    throw new RequestError(0, 'The server does not answer');
  } finally {
    clearTimeout(timer);
  }
}

/** The body, or null where it is no JSON: a proxy in front may answer with a page of its own. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refusal(
  response: Response,
  body: unknown,
  gateway: string | null,
  code: string
): RequestError {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
  const message = text('message') || response.statusText || `HTTP ${response.status}`;
  return new RequestError(response.status, message, {
    code: text('code') || code,
    hint: text('hint'),
    gateway
  });
}
