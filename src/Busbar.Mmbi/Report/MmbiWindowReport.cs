// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>
/// What an observer can say about a window, live or dumped, without taking part: only reads, so that nobody in the window notices.
/// </summary>
public sealed class MmbiWindowReport
{
    private MmbiWindowReport(int windowLength, MmbiRecognition recognition, IReadOnlyList<MmbiInstanceReport> instances)
    {
        WindowLength = windowLength;
        Recognition = recognition;
        Instances = instances;
    }

    /// <summary>Bytes of the window.</summary>
    public int WindowLength { get; }

    /// <summary>The descriptor at the window's start: its fields, its dialect, how that was recognised, and its faults.</summary>
    public MmbiRecognition Recognition { get; }

    /// <summary>The instances whose status structures can be reached.</summary>
    public IReadOnlyList<MmbiInstanceReport> Instances { get; }

    /// <summary>Looks at a window.</summary>
    /// <param name="window">The window; may be mapped for reading only.</param>
    /// <param name="dialect">The dialect, or null to recognise it.</param>
    public static MmbiWindowReport Read(SharedRegion window, MmbiDialect? dialect = null)
    {
        ArgumentNullException.ThrowIfNull(window);
        MmbiRecognition first = MmbiRecognition.Find(window, 0, dialect);
        var instances = new List<MmbiInstanceReport>();
        int count = first.Dialect.HasDescriptorPerInstance ? first.Dialect.MaximumInstances : first.Descriptor?.Instances.Count ?? 0;
        for (int k = 0; k < count; k++)
        {
            bool hasOwn = k != 0 && first.Dialect.HasDescriptorPerInstance;
            MmbiRecognition recognition = hasOwn ? MmbiRecognition.Find(window, k, dialect) : first;
            if (MmbiInstanceReport.Read(window, k, recognition) is { } report) instances.Add(report);
        }

        return new MmbiWindowReport(window.Length, first, instances);
    }
}
