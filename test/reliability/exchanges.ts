import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Duplex } from 'node:stream';
import zlib from 'node:zlib';
import type { VirtualTime } from './virtual-time.ts';

/** Names the exchange on the wire, and whose it is. */
const ID = 'x-exchange';

/** The requests that are on their way between a function and the endpoint: while there are any, time stands. */
export interface Exchanges {
  /** Node's modules for one container; once `isDead`, nothing of it reaches the wire. */
  modulesOf(container: string, isDead: () => boolean): Record<string, unknown>;
  /** The endpoint has the request whole. Whose it is. */
  arrived(headers: Record<string, string>): string;
  /** An answer, or the end of the connection, is on its way back. */
  answered(headers: Record<string, string>): void;
}

type OnResponse = (response: IncomingMessage) => void;

export function createExchanges(time: VirtualTime): Exchanges {
  const open = new Map<string, { container: string; onItsWay: boolean }>();
  let count = 0;

  const move = (id: string, onItsWay: boolean) => {
    const exchange = open.get(id);
    if (exchange === undefined || exchange.onItsWay === onItsWay) return;
    exchange.onItsWay = onItsWay;
    if (onItsWay) time.busy();
    else time.idle();
  };
  const request =
    (container: string, isDead: () => boolean) =>
    (options: RequestOptions, then?: OnResponse): ClientRequest => {
      if (isDead()) return http.request({ ...options, agent: undefined, createConnection: () => new Nowhere() }, then);
      count += 1;
      const id = String(count);
      open.set(id, { container, onItsWay: false });
      move(id, true);
      const sent = http.request({ ...options, headers: { ...(options.headers as object), [ID]: id } }, then);
      sent.once('close', () => {
        move(id, false);
        open.delete(id);
      });
      return sent;
    };

  return {
    modulesOf: (container, isDead) => ({
      http: { ...http, request: request(container, isDead) },
      // neither is a file of the machine read, nor a thread of it waited for
      'fs/promises': {
        readFile: async () => Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
      },
      zlib: {
        ...zlib,
        gzip: atOnce(zlib.gzipSync),
        gunzip: atOnce(zlib.gunzipSync),
      },
    }),
    arrived(headers) {
      const id = headers[ID] ?? '';
      const exchange = open.get(id);
      move(id, false);
      return exchange?.container ?? '';
    },
    answered: (headers) => move(headers[ID] ?? '', true),
  };
}

type Finished = (error: unknown, result?: Buffer) => void;

/** As zlib's own, with or without options. */
function atOnce(work: (body: zlib.InputType, options?: zlib.ZlibOptions) => Buffer) {
  return (body: zlib.InputType, ...given: [zlib.ZlibOptions, Finished] | [Finished]) => {
    const [options, finished] = given.length === 1 ? [{}, given[0]] : given;
    let result: Buffer;
    try {
      result = work(body, options);
    } catch (error) {
      finished(error);
      return;
    }
    finished(null, result);
  };
}

/** A connection that takes everything and says nothing. */
class Nowhere extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: string, taken: () => void): void {
    taken();
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
}
