// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Fuzz;

/// <summary>What a hostile vfio-user client has to send along with its messages: a doorbell, memory, memory that can shrink, its own socket, and too many of them.</summary>
internal sealed class GuestDescriptors
{
    private readonly MappedMemory _shrinking;

    public GuestDescriptors()
    {
        string file = ScratchFolder.Fresh("m-");
        _shrinking = MappedMemory.OpenOrCreate(file, GuestMemory.Length, out _);
        _shrinking.TryRemove(file);
    }

    public EventFd Doorbell { get; } = EventFd.Create();

    public GuestMemory Memory { get; } = new();

    /// <summary>So that an input does the same each time.</summary>
    public void StartOver()
    {
        Memory.StartOver();
        Doorbell.TryDrain(out _);
    }

    /// <summary>The same doorbell several times over.</summary>
    public FileDescriptor[] Doorbells(int count) => [.. Enumerable.Repeat(Doorbell.Descriptor, count)];

    /// <summary>What a number from 0 to 15 stands for; nothing mostly.</summary>
    public FileDescriptor[] Choose(int choice, UnixStream guest) => choice switch
    {
        1 => Doorbells(1),
        2 => [Memory.Descriptor],
        3 => [Doorbell.Descriptor, Memory.Descriptor],
        4 => [guest.Descriptor],
        5 => Doorbells(17),
        6 => Doorbells(3),
        8 => [_shrinking.Descriptor],
        _ => [],
    };
}
