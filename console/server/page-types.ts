/** A file of the page, as browsers get it. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Every file of the page. */
export const pageNames: readonly string[] = ['index.html', 'app.js', 'record-worker.js', 'style.css', 'icon.svg'];

export const pageType = (name: string): string => TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
