/** One answer of the stand-in. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

interface StoredObject {
  etag: string;
  body: Buffer;
  headers: Record<string, string>;
}

const KEPT_HEADERS = ['content-type', 'content-encoding'];

const xmlError = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

/** S3's objects with versions and conditional writes. */
export class ObjectStore {
  private readonly objects = new Map<string, StoredObject>();
  private writes = 0;

  get(key: string, headers: Record<string, string | undefined>): Answer {
    const object = this.objects.get(key);
    if (!object) return xmlError(404, 'NoSuchKey');
    const head = { ...object.headers, etag: object.etag };
    if (headers['if-none-match'] === object.etag) return { status: 304, headers: head, body: '' };
    return { status: 200, headers: head, body: object.body };
  }

  put(key: string, headers: Record<string, string | undefined>, body: Buffer): Answer {
    const object = this.objects.get(key);
    const { 'if-match': version, 'if-none-match': none } = headers;
    if (version !== undefined && !object) return xmlError(404, 'NoSuchKey');
    if (version !== undefined && object?.etag !== version) return xmlError(412, 'PreconditionFailed');
    if (none === '*' && object) return xmlError(412, 'PreconditionFailed');
    this.writes += 1;
    const etag = `"${this.writes.toString(16).padStart(32, '0')}"`;
    const kept = KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
    this.objects.set(key, { etag, body, headers: Object.fromEntries(kept) });
    return { status: 200, headers: { etag }, body: '' };
  }

  /** Changes one of JSON as nobody's write. */
  edit(key: string, change: (value: object) => object): void {
    const object = this.objects.get(key);
    if (!object) throw new Error(`There is no ${key}.`);
    object.body = Buffer.from(JSON.stringify(change(JSON.parse(object.body.toString()))));
  }

  delete(key: string): Answer {
    this.objects.delete(key);
    return { status: 204, headers: {}, body: '' };
  }
}
