import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawnPictures, PICTURES } from '../../scripts/pictures.ts';

const pictures = await drawnPictures();

describe('the pictures of the pages', () => {
  it('are drawn from sources', () => {
    expect([...pictures.keys()]).toContain('architecture.svg');
  });

  it.each([...pictures])('%s is what its source draws', (file, picture) => {
    expect(readFileSync(path.join(PICTURES, file), 'utf8')).toBe(picture);
  });
});
