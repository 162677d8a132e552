import { App } from 'aws-cdk-lib';
import { RivuletStack } from './stack.ts';

const app = new App();
new RivuletStack(app, 'Rivulet');
