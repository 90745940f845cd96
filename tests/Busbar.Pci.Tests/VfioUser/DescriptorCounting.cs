// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Tests that count the descriptors of this process run alone: others open and close some all the time.</summary>
[CollectionDefinition(nameof(DescriptorCounting), DisableParallelization = true)]
public sealed class DescriptorCounting
{
}
