// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What happened on a serial line since its link was created. Written under the stack's serialisation; readers may see a slightly old value.</summary>
public sealed class SerialStatistics
{
    private readonly long[] _faults = new long[Enum.GetValues<SerialFault>().Length];

    /// <summary>Frames received whole and in order.</summary>
    public long FramesReceived { get; internal set; }

    /// <summary>Frames written to the queue toward the line.</summary>
    public long FramesSent { get; internal set; }

    /// <summary>Bytes that belonged to no frame.</summary>
    public long BytesSkipped { get; internal set; }

    /// <summary>Bytes of frames that could not leave before the line was lost.</summary>
    public long BytesLost { get; internal set; }

    /// <summary>Bursts sent to bring the other end's receiver back into step.</summary>
    public long ResynchronisationsSent { get; internal set; }

    /// <summary>Bursts of the other end, told by their empty frame.</summary>
    public long ResynchronisationsSeen { get; internal set; }

    /// <summary>Times that a line was opened.</summary>
    public long Openings { get; internal set; }

    /// <summary>Times that the line was lost: hung up, closed, unplugged.</summary>
    public long Losses { get; internal set; }

    /// <summary>All faults together.</summary>
    public long Faults => _faults.Sum();

    /// <summary>Frames given up, by reason.</summary>
    /// <param name="fault">The reason.</param>
    public long this[SerialFault fault] => _faults[(int)fault];

    internal void Count(SerialFault fault) => _faults[(int)fault]++;
}
