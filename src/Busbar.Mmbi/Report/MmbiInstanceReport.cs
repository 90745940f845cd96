// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>One instance of a window as an observer finds it.</summary>
public sealed class MmbiInstanceReport
{
    // Two writers share the four words: read until two rounds agree, but not for ever on a busy link.
    private const int Attempts = 8;

    private MmbiInstanceReport(int index, MmbiRecognition recognition, MmbiPlacement placement, uint[] words)
    {
        Index = index;
        Recognition = recognition;
        Placement = placement;
        Words = words;
    }

    /// <summary>The instance, from 0.</summary>
    public int Index { get; }

    /// <summary>The descriptor that announces the instance.</summary>
    public MmbiRecognition Recognition { get; }

    /// <summary>Where it lies.</summary>
    public MmbiPlacement Placement { get; }

    /// <summary>The four status words as found: Host_ROS words 0 and 1, Host_RWS words 0 and 1.</summary>
    public IReadOnlyList<uint> Words { get; }

    /// <summary>The state that the flags spell.</summary>
    public MmbiState State => MmbiState.From(Words[0], Words[2]);

    /// <summary>B_UP.</summary>
    public bool IsOwnerUp => (Words[0] & StatusWords.Up) != 0;

    /// <summary>B_RST.</summary>
    public bool IsOwnerReset => (Words[0] & StatusWords.Reset) != 0;

    /// <summary>B_RDY.</summary>
    public bool IsOwnerReady => (Words[1] & StatusWords.Ready) != 0;

    /// <summary>H_UP.</summary>
    public bool IsHostUp => (Words[2] & StatusWords.Up) != 0;

    /// <summary>H_RST.</summary>
    public bool IsHostReset => (Words[2] & StatusWords.Reset) != 0;

    /// <summary>H_RDY.</summary>
    public bool IsHostReady => (Words[3] & StatusWords.Ready) != 0;

    /// <summary>The B2H ring; null when the descriptor's rings cannot be believed.</summary>
    public MmbiRingReport? OwnerToHost { get; private init; }

    /// <summary>The H2B ring; null when the descriptor's rings cannot be believed.</summary>
    public MmbiRingReport? HostToOwner { get; private init; }

    internal static MmbiInstanceReport? Read(SharedRegion window, int index, MmbiRecognition recognition)
    {
        int local = recognition.Dialect.HasDescriptorPerInstance ? 0 : index;
        if (recognition.Descriptor is not { } descriptor || local >= descriptor.Instances.Count) return null;
        if (recognition.Faults.Any(fault => fault.IsUnreachable)) return null;
        MmbiPlacement placement = MmbiPlacement.Of(descriptor.Instances[local], recognition.Offset);
        uint[] words = Sample(window, placement);
        if (!recognition.IsAcceptable) return new MmbiInstanceReport(index, recognition, placement, words);
        return new MmbiInstanceReport(index, recognition, placement, words)
        {
            OwnerToHost = MmbiRingReport.Read(window, placement.OwnerToHost, words[0], words[3], recognition.Dialect),
            HostToOwner = MmbiRingReport.Read(window, placement.HostToOwner, words[2], words[1], recognition.Dialect),
        };
    }

    private static uint[] Sample(SharedRegion window, MmbiPlacement placement)
    {
        uint[] words = Once();
        for (int attempt = 1; attempt < Attempts; attempt++)
        {
            uint[] again = Once();
            bool agree = again.AsSpan().SequenceEqual(words);
            words = again;
            if (agree) break;
        }

        return words;

        uint[] Once() =>
        [
            window.Read32(placement.Ros),
            window.Read32(placement.Ros + StatusWords.SecondWord),
            window.Read32(placement.Rws),
            window.Read32(placement.Rws + StatusWords.SecondWord),
        ];
    }
}
