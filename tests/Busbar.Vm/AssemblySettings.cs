// SPDX-License-Identifier: Apache-2.0
using Busbar.Vm;
using Xunit;

// Most of a guest's life is one busy processor, or waiting: two test classes at a time use a small machine well.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
