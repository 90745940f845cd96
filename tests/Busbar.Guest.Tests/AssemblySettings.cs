// SPDX-License-Identifier: Apache-2.0
using Xunit;

// Some tests set environment variables, and some write scripts that they then run; a fork of another test between the two would hold the
// script open for writing.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
