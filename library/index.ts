// What `rivulet` exports.
export type { FaultKind, FaultRule, Faults, ScriptStep } from './fault-rules.ts';
export {
  type ClientOptions,
  type Rivulet,
  type RivuletClock,
  type RivuletOptions,
  startRivulet,
} from './start-rivulet.ts';
