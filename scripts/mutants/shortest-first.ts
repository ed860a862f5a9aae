import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Begins with the files whose tests took the least time: most changes are noticed before the long ones begin. */
export class ShortestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const milliseconds = (file: TestSpecification) => this.ctx.cache.getTestSpecificationResult(file)?.duration ?? 0;
    return files.toSorted((one, other) => milliseconds(one) - milliseconds(other));
  }
}
