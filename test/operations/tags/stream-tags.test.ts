import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});

afterAll(() => api.close());

const ACCOUNT = 'under account 000000000000';
const invalid = (message: string) => ({ __type: 'InvalidArgumentException', message });

describe('AddTagsToStream, RemoveTagsFromStream and ListTagsForStream', () => {
  const add = (Tags: object, StreamName = 'tags') => api.call('AddTagsToStream', { StreamName, Tags });
  const list = (input: object = {}) => api.ok('ListTagsForStream', { StreamName: 'tags', ...input });

  beforeAll(() => api.createStream('tags'));

  it('add and overwrite tags, list them by key, and remove them', async () => {
    expect((await api.ok('ListTagsForStream', { StreamName: 'tags' })).Tags).toEqual([]);
    expect((await add({ b: '1', a: '', C: 'x:y' })).text).toBe('');
    await add({ b: '2' });

    expect(await list()).toEqual({
      Tags: [
        { Key: 'C', Value: 'x:y' },
        { Key: 'a', Value: '' },
        { Key: 'b', Value: '2' },
      ],
      HasMoreTags: false,
    });
    expect(await list({ Limit: 1, ExclusiveStartTagKey: 'C' })).toEqual({
      Tags: [{ Key: 'a', Value: '' }],
      HasMoreTags: true,
    });
    expect((await api.call('RemoveTagsFromStream', { StreamName: 'tags', TagKeys: ['a', 'none'] })).text).toBe('');
    expect((await list()).Tags).toHaveLength(2);
  });

  it('refuse in the order of the real service', async () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, '']));
    const before = await list();
    const failed = `Failed to add tags to stream tags ${ACCOUNT} because`;

    expect((await add({ 'a;': '' }, 'none')).body.message).toBe(`Stream none ${ACCOUNT} not found.`);
    expect((await add({ 'a;%': '' })).body.message).toContain('Some tags contain invalid characters.');
    expect((await add({ '%': '' })).body.message).toContain(`${failed} some tags contained illegal characters.`);
    expect((await add(many)).body).toEqual(
      invalid(`${failed} a given stream cannot have more than 10 tags associated with it.`),
    );
    expect((await api.call('RemoveTagsFromStream', { StreamName: 'tags', TagKeys: ['%'] })).body.message).toContain(
      `Failed to remove tags from stream tags ${ACCOUNT} because some tags contained illegal characters.`,
    );
    expect(await list()).toEqual(before);
  });

  it('take any key, those of Object.prototype too', async () => {
    const Tags = JSON.parse('{"__proto__":"a","constructor":"b"}');
    await api.createStream('odd-tags', 1, { Tags });
    await add(JSON.parse('{"toString":"c"}'), 'odd-tags');

    expect((await api.ok('ListTagsForStream', { StreamName: 'odd-tags' })).Tags).toEqual([
      { Key: '__proto__', Value: 'a' },
      { Key: 'constructor', Value: 'b' },
      { Key: 'toString', Value: 'c' },
    ]);
  });

  it('lose no tag when many are added at once', async () => {
    await api.createStream('crowded-tags');
    const answers = await Promise.all(['p', 'q', 'r', 's'].map((key) => add({ [key]: key }, 'crowded-tags')));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await api.ok('ListTagsForStream', { StreamName: 'crowded-tags' })).Tags).toHaveLength(4);
  });
});
