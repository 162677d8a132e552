import { spawnSync } from 'node:child_process';

/** The npm scripts that `npm test` runs, in this order, and about how long each takes on two cores. */
const STEPS = [
  { script: 'lint', lasts: '2 s' },
  { script: 'types', lasts: '5 s' },
  { script: 'test:only', lasts: '3 min' },
  { script: 'torture', lasts: '2 min' },
  { script: 'torture', options: ['--engine', 'embedded', '--minutes', '1'], lasts: '1 min' },
] as const;

/** `npm test`: stops at the first step that fails, and prints the command that runs it alone. */
for (const [index, step] of STEPS.entries()) {
  const options = 'options' in step ? ['--', ...step.options] : [];
  const command = ['run', step.script, ...options];
  console.log(`\n[${index + 1}/${STEPS.length}] npm ${command.join(' ')} (about ${step.lasts})`);
  const { status } = spawnSync(process.execPath, [process.env.npm_execpath ?? '', ...command], { stdio: 'inherit' });
  if (status !== 0) {
    console.error(
      `\nnpm test failed in step ${index + 1} of ${STEPS.length}. To run this step alone: npm ${command.join(' ')}`,
    );
    process.exit(1);
  }
}
