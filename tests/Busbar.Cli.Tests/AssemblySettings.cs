// SPDX-License-Identifier: Apache-2.0
using Xunit;

// These tests start real processes and look at time and processor use; side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
