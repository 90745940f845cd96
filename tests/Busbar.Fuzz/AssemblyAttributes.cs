// SPDX-License-Identifier: Apache-2.0
using Xunit;

// Each target gets its time without others beside it, because inputs are timed.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
