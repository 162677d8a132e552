/** What a template may contain, for the help beside it. */
export const TEMPLATE_HELP = '{{i}} counts, {{uuid}}, {{now}} is the time, {{random 1 100}} a number';

/** Fills a template in for one of several copies. What is no known placeholder stays as it is. @param i from 1 on */
export function filled(template: string, i: number, nowMs: number = Date.now()): string {
  return template.replace(/\{\{\s*(i|uuid|now|random(?:\s+-?\d+\s+-?\d+)?)\s*\}\}/g, (_, word: string) => {
    const [name, from = '0', to = '99'] = word.split(/\s+/);
    switch (name) {
      case 'i':
        return `${i}`;
      case 'uuid':
        return crypto.randomUUID();
      case 'now':
        return new Date(nowMs).toISOString();
      default: {
        const [low, high] = [Math.min(+from, +to), Math.max(+from, +to)];
        return `${low + Math.floor(Math.random() * (high - low + 1))}`;
      }
    }
  });
}
