// SPDX-License-Identifier: Apache-2.0
using Xunit;

// A guest takes a processor or two; two at a time is what one test may need, and all there is on a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
