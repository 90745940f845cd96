// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A timer that a harness plays; its clock may jump.</summary>
public sealed class HarnessTimer : IDisposable
{
    // Far beyond every test, and still a number that a harness can add to its own time.
    private const ulong Never = long.MaxValue;

    private readonly PacketEnd _end;

    internal HarnessTimer(PacketEnd end) => _end = end;

    /// <summary>The descriptor, readable when the timer fired.</summary>
    public FileDescriptor Descriptor => _end.Descriptor;

    /// <summary>Sets when the timer fires next, in place of what was set before.</summary>
    /// <param name="delay">From now; null for never.</param>
    public void Arm(TimeSpan? delay)
    {
        Span<byte> microseconds = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(microseconds, delay is { } time ? (ulong)Math.Max(0, Math.Ceiling(time.TotalMicroseconds)) : Never);
        _end.Send(microseconds);
    }

    /// <summary>Takes the word that the timer fired.</summary>
    /// <returns>EAGAIN when it did not; EPIPE when the harness is gone.</returns>
    public Errno TryTakeFired()
    {
        Span<byte> time = stackalloc byte[sizeof(ulong)];
        return _end.TryReceive(time, out _);
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();
}
