// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>A match rule and who listens.</summary>
internal sealed class DbusSubscription : IDisposable
{
    private readonly Action<DbusSubscription> _ended;
    private GCHandle _self;

    public DbusSubscription(Action<string, string, DbusReader> arrived, Action<DbusSubscription> ended)
    {
        Arrived = arrived;
        _ended = ended;
    }

    public Action<string, string, DbusReader> Arrived { get; }

    /// <summary>The library's side of it; giving it back withdraws the rule.</summary>
    public nint Slot { get; set; }

    public DbusConnection? Connection { get; set; }

    public nint Begin()
    {
        _self = GCHandle.Alloc(this);
        return GCHandle.ToIntPtr(_self);
    }

    public void Dispose()
    {
        if (!_self.IsAllocated) return;

        // The slot goes first: afterwards nothing can call back with the handle.
        if (Slot != 0) NativeSdBus.SlotUnref(Slot);
        Slot = 0;
        _self.Free();
        _ended(this);
    }
}
