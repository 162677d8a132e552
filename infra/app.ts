import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ownerChoices } from './choices.ts';
import { RivuletStack } from './stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const { stackName, props } = ownerChoices(app);
new RivuletStack(app, stackName, props);
