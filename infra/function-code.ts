import path from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleFunction, type FunctionEntry } from './function-bundle.ts';

/**
 * The code of a function, bundled from its sources while the stack is synthesized. The published package has packaged-code.ts in
 * this place: there the bundles are built already.
 */
export const functionCode = (entry: FunctionEntry): Code =>
  Code.fromAsset(path.join(import.meta.dirname, '..', 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never started: bundling on this machine always succeeds, or throws.
      image: DockerImage.fromRegistry('unused'),
      // CDK takes two assets of one folder for the same if these options are equal. The function below does not count.
      command: [entry],
      local: {
        tryBundle(outdir) {
          bundleFunction(entry, outdir);
          return true;
        },
      },
    },
  });
