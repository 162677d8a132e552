// What `rivulet/cdk` exports.
export type { FrontDoor, RivuletProps, TableCapacity } from './props.ts';
export { Rivulet } from './rivulet.ts';
export { RivuletStack } from './stack.ts';
