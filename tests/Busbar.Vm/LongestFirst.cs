// SPDX-License-Identifier: Apache-2.0
using Xunit.Sdk;
using Xunit.v3;

namespace Busbar.Vm;

/// <summary>
/// Starts the classes that take longest before the others, so that no processor idles at the end while one of them has just begun.
/// </summary>
internal sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_long = ["Kernel", "Story", "Serial", "VfioIommu"];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Rank)];

    // A collection of one class is named after it.
    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        int rank = Array.FindIndex(s_long, name => collection.TestCollectionDisplayName.Contains($"Vm.{name}", StringComparison.Ordinal));
        return rank < 0 ? s_long.Length : rank;
    }
}
