/** Of an object, its bytes as they are asked for. */
export interface Bytes {
  byteLength: number;
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

/** Packs and unpacks blocks, by gzip. It is handed in. */
export interface Packing {
  pack(bytes: Uint8Array): Uint8Array;
  unpack(bytes: Uint8Array): Uint8Array;
}
