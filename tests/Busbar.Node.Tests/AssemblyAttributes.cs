// SPDX-License-Identifier: Apache-2.0
using Xunit;

// Spinning nodes want the processors for themselves, and idle ones are measured.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
