/** What opening records needs of its platform: Node and browsers have these from different places. */
export interface Codecs {
  readonly md5: (data: Uint8Array) => Uint8Array;
  /** @throws Error for what is damaged, and for what would become more than so many bytes */
  readonly gunzip: (data: Uint8Array, maxBytes: number) => Uint8Array;
}
