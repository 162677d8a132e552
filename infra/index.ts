// What `rivulet/cdk` exports.
export type { AdoptedTables, Bodies, CustomDomain, FrontDoor, RivuletProps, TableCapacity } from './props.ts';
export { Rivulet } from './rivulet.ts';
export { RivuletStack } from './stack.ts';
